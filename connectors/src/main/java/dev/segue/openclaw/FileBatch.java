package dev.segue.openclaw;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.SourcePosition;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Changes on their way into the topic. Files have no log, so their places are counted: by the
 * clock, but never backwards, also over restarts.
 */
final class FileBatch {
  private static final int EVENTS = 2000;
  private static final long BYTES = 8L << 20;

  private final ChangeStream.BatchHandler handler;
  private final List<ChangeEvent> events = new ArrayList<>();
  private final List<Runnable> afterwards = new ArrayList<>();
  private long log;
  private long bytes;

  /**
   * @param log the last place that was given to a change
   */
  FileBatch(long log, ChangeStream.BatchHandler handler) {
    this.log = log;
    this.handler = handler;
    next();
  }

  private void next() {
    log = Math.max(log + 1, System.currentTimeMillis());
  }

  /**
   * Adds a change.
   *
   * @param session empty for what every partition has to see
   * @param change from its place and the time
   */
  void add(Optional<String> session, BiFunction<SourcePosition, Long, CanonicalChange> change) {
    if (events.size() >= EVENTS || bytes > BYTES) {
      flush();
    }
    SourcePosition position = new SourcePosition(log, log, events.size() + 1);
    byte[] value = CanonicalCodec.write(change.apply(position, System.currentTimeMillis()));
    events.add(new ChangeEvent(position, log, session, Optional.empty(), value));
    bytes += value.length;
  }

  /** Does something once all that was added so far is in the topic. */
  void afterwards(Runnable step) {
    afterwards.add(step);
  }

  /** Returns when all that was added is in the topic. */
  void flush() {
    if (!events.isEmpty()) {
      handler.handle(List.copyOf(events), new Reach(log, "files"));
      events.clear();
      bytes = 0;
      next();
    }
    List<Runnable> steps = List.copyOf(afterwards);
    afterwards.clear();
    steps.forEach(Runnable::run);
  }
}
