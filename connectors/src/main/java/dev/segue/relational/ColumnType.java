package dev.segue.relational;

import java.util.Objects;

/**
 * A column's type.
 *
 * @param family what its neutral text looks like
 * @param name what SQL casts to, without length or precision, and in place of a domain, which may
 *     have one of its own, what it is of: so what has no room is refused or rounded where it is
 *     written, as the column does it, and not cut off before
 * @param display the database's own name for it, as a person would write it
 * @param limits what it refuses or rounds
 * @param element the element's type if it is an array, else null
 */
public record ColumnType(
    Family family, String name, String display, Limits limits, ColumnType element) {
  public ColumnType {
    Objects.requireNonNull(family, "family");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(display, "display");
    Objects.requireNonNull(limits, "limits");
  }

  /** Groups types by the neutral text that their values have between two systems. */
  public enum Family {
    /** As it is. */
    TEXT,
    /** Decimal digits. */
    INTEGER,
    /** Plain digits, or NaN, Infinity, -Infinity. */
    DECIMAL,
    /** The shortest text that reads back as the same float, or NaN, Infinity, -Infinity. */
    FLOAT,
    /** true or false. */
    BOOLEAN,
    /** RFC 3339 in UTC with microseconds, or an infinity. */
    INSTANT,
    /** As {@link #INSTANT}; the database holds it without a zone and it is taken for UTC. */
    LOCAL_TIMESTAMP,
    /** ISO 8601, or an infinity. */
    DATE,
    /** ISO 8601 with microseconds. */
    TIME,
    /** ISO 8601 duration without parts that are zero. */
    INTERVAL,
    /** One JSON value. */
    JSON,
    /** 36 characters in lower case. */
    UUID,
    /** Hexadecimal with a leading backslash and x. */
    BYTES,
    /** A JSON array of the elements' neutral texts. */
    ARRAY,
    /** A JSON array of floats. */
    VECTOR,
    /** What Segue cannot carry; a table with a mapped column of this family is refused. */
    UNSUPPORTED
  }

  @Override
  public String toString() {
    return display;
  }
}
