package dev.segue.topology;

import dev.segue.canonical.CanonicalChange;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * When the tasks of the one stream thread commit. Somebody waits for a fresh change, so it is
 * committed soon; of older ones there are many, which go together at the interval that is set. A
 * commit is one of all tasks, so they keep one pace.
 */
final class CommitPace {
  /** How long one waits for a fresh change, about. */
  private static final Duration SOON = Duration.ofMillis(50);

  private static final long FRESH_MILLIS = 2_000;

  private boolean fresh;
  private long lastNanos;
  private long sourceClockAhead;

  /** Has a task commit when it is time. */
  void keep(ProcessorContext<?, ?> context) {
    context.schedule(SOON, PunctuationType.WALL_CLOCK_TIME, unused -> commitIfDue(context));
  }

  private void commitIfDue(ProcessorContext<?, ?> context) {
    if (fresh && System.nanoTime() - lastNanos >= SOON.toNanos()) {
      context.commit();
      fresh = false;
      lastNanos = System.nanoTime();
    }
  }

  /** Looks whether somebody may be waiting for this change. */
  void saw(CanonicalChange change) {
    if (change instanceof CanonicalChange.Mark mark && mark.committedAt() > 0) {
      sourceClockAhead = mark.committedAt() - mark.sentAt();
    }
    fresh |=
        change.committedAt() == 0
            || System.currentTimeMillis() + sourceClockAhead - change.committedAt() < FRESH_MILLIS;
  }
}
