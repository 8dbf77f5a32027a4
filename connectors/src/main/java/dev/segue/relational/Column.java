package dev.segue.relational;

import java.util.Objects;

/**
 * One column of a table.
 *
 * @param notNull whether it refuses null
 * @param hasDefault whether the database fills it where an insert leaves it out
 * @param generated whether the database computes it always, so that it can never be written
 * @param virtual whether it is computed when it is read, so that no log can have it
 */
public record Column(
    String name,
    ColumnType type,
    boolean notNull,
    boolean hasDefault,
    boolean generated,
    boolean virtual) {
  public Column {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }
}
