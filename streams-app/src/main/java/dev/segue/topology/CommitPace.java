package dev.segue.topology;

import dev.segue.canonical.CanonicalChange;
import dev.segue.spi.SourceClock;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * When the tasks of the one stream thread commit. Somebody waits for a fresh change, so it is
 * committed soon. The later changes are, the more of them go together, up to the interval that is
 * set: a commit costs the broker the same whatever is in it, and who is late for want of processors
 * gets later by small ones. A commit is one of all tasks, so they keep one pace.
 */
final class CommitPace {
  /** How long one waits for a fresh change, about. */
  private static final Duration SOON = Duration.ofMillis(50);

  /** A change that is no later than this is fresh. */
  private static final long FRESH_MILLIS = 150;

  /** A late one waits for such a part of its lateness more. */
  private static final long PART = 2;

  private static final long NONE = Long.MAX_VALUE;

  private final SourceClock clock = new SourceClock();
  private long dueMillis = NONE;
  private long lastNanos;

  /** Has a task commit when it is time. */
  void keep(ProcessorContext<?, ?> context) {
    context.schedule(SOON, PunctuationType.WALL_CLOCK_TIME, unused -> commitIfDue(context));
  }

  private void commitIfDue(ProcessorContext<?, ?> context) {
    if (dueMillis != NONE && System.nanoTime() - lastNanos >= dueMillis * 1_000_000) {
      context.commit();
      dueMillis = NONE;
      lastNanos = System.nanoTime();
    }
  }

  /** Looks how long somebody may be waiting for this change already. */
  void saw(CanonicalChange change) {
    if (change instanceof CanonicalChange.Mark mark && mark.committedAt() > 0) {
      clock.mark(mark.committedAt(), mark.sentAt());
    }
    long late =
        change.committedAt() == 0
            ? 0
            : clock.lateness(change.committedAt(), System.currentTimeMillis());
    long more = Math.max(0, late - FRESH_MILLIS) / PART;
    dueMillis = Math.min(dueMillis, SOON.toMillis() + more);
  }
}
