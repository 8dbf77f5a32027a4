package dev.segue.layout;

import dev.segue.relational.Table;
import java.util.Objects;

/** A layout's table and the real table that it was found to be. */
public record TableBinding(TableLayout layout, Table table) {
  public TableBinding {
    Objects.requireNonNull(layout, "layout");
    Objects.requireNonNull(table, "table");
  }
}
