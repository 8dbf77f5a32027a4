package dev.segue.spi;

import dev.segue.canonical.Kind;
import dev.segue.layout.Untold;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A row as a target holds it, or as it should hold it: what is equal is spelt equally.
 *
 * @param session as the target spells it
 * @param key what identifies the row among those of its kind
 * @param columns the target's columns that a migration writes
 * @param values of these columns; JSON, numbers and padded texts in one spelling; may be null
 * @param untold of a row as it should be, by column, what a document keeps of what is there
 */
public record HeldRow(
    Kind kind,
    String session,
    List<String> key,
    List<String> columns,
    List<String> values,
    Map<Integer, Untold> untold) {
  public HeldRow {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(session, "session");
    key = List.copyOf(key);
    columns = List.copyOf(columns);
    values = Collections.unmodifiableList(values);
    untold = Map.copyOf(untold);
  }

  /** A row of which everything is told. */
  public HeldRow(
      Kind kind, String session, List<String> key, List<String> columns, List<String> values) {
    this(kind, session, key, columns, values, Map.of());
  }

  /**
   * Whether a column, counted from 0, tells a time that has come; one that is not there does not.
   */
  public boolean isPast(int column) {
    String time = column < 0 ? null : values.get(column);
    return time != null
        && time.endsWith("Z")
        && !OffsetDateTime.parse(time).toInstant().isAfter(Instant.now());
  }
}
