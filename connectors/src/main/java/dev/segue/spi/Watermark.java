package dev.segue.spi;

import dev.segue.canonical.SourcePosition;
import java.util.Objects;

/**
 * How far a source is durably in the topic.
 *
 * @param position the last event that is
 * @param transaction its transaction
 * @param confirmable how far the source may forget, in its own log's numbers; 0 for not at all
 * @param cutoff identifies the stream of the source that the position belongs to
 */
public record Watermark(
    SourcePosition position, long transaction, long confirmable, String cutoff) {
  public Watermark {
    Objects.requireNonNull(position, "position");
    Objects.requireNonNull(cutoff, "cutoff");
  }

  /** Whether an event is in the topic already. */
  public boolean covers(SourcePosition event, long eventTransaction) {
    return eventTransaction == transaction
        ? event.ordinal() <= position.ordinal()
        : Long.compareUnsigned(event.after(), position.after()) <= 0;
  }
}
