package dev.segue.relational;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A table as the database describes it now.
 *
 * @param columns in the database's order
 * @param primaryKey the names of its primary key's columns in key order; empty if it has none
 */
public record Table(TableId id, List<Column> columns, List<String> primaryKey) {
  public Table {
    Objects.requireNonNull(id, "id");
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
  }

  public Optional<Column> column(String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /** The place of the column of that name among {@link #columns}, or -1. */
  public int indexOf(String name) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
