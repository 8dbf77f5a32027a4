package dev.segue.spi;

import dev.segue.canonical.SourcePosition;
import java.util.Objects;

/**
 * How far a source is durably in the topic.
 *
 * @param position the last event that is
 * @param transaction its transaction
 * @param reach where the source goes on
 * @param cutoff identifies the stream of the source that the position belongs to
 */
public record Watermark(SourcePosition position, long transaction, Reach reach, String cutoff) {
  public Watermark {
    Objects.requireNonNull(position, "position");
    Objects.requireNonNull(reach, "reach");
    Objects.requireNonNull(cutoff, "cutoff");
  }

  /** Whether an event is in the topic already. */
  public boolean covers(SourcePosition event, long eventTransaction) {
    return eventTransaction == transaction
        ? event.ordinal() <= position.ordinal()
        : Long.compareUnsigned(event.after(), position.after()) <= 0;
  }
}
