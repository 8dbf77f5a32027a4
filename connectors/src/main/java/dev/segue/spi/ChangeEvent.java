package dev.segue.spi;

import dev.segue.canonical.SourcePosition;
import java.util.Objects;
import java.util.Optional;

/**
 * One change as the source's log told it, ready for the topic.
 *
 * @param position its place in the source's order
 * @param transaction the source's number for its transaction
 * @param sessionId whose topic partition it belongs to; empty for what every partition must see
 * @param departedFrom the session that the row belonged to before, if it moved; it left it at
 *     {@link #departure}
 * @param value the event in the wire format of the topic
 */
public record ChangeEvent(
    SourcePosition position,
    long transaction,
    Optional<String> sessionId,
    Optional<String> departedFrom,
    byte[] value) {
  public ChangeEvent {
    Objects.requireNonNull(position, "position");
    Objects.requireNonNull(sessionId, "sessionId");
    Objects.requireNonNull(departedFrom, "departedFrom");
    Objects.requireNonNull(value, "value");
  }

  /** Where a row that moved left its old session. */
  public SourcePosition departure() {
    return position.previous();
  }
}
