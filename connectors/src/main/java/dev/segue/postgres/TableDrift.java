package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Notices that a table is not what it was when the migration was bound to it. */
final class TableDrift {
  private TableDrift() {}

  static Optional<Finding> find(String side, LayoutBinding binding, List<Table> now) {
    for (TableBinding bound : binding.tables()) {
      Table was = bound.table();
      Optional<Table> is = now.stream().filter(table -> table.id().equals(was.id())).findFirst();
      if (is.isEmpty()) {
        return Optional.of(
            Finding.error(
                side + " " + was.id(),
                "is gone (dropped, renamed, or no longer readable)",
                "restore the table or the role's SELECT, then: segue run"));
      }
      List<String> differences = differences(was, is.get());
      if (!differences.isEmpty()) {
        return Optional.of(
            Finding.error(
                side + " " + was.id(),
                "changed while the migration runs: " + String.join(", ", differences),
                "undo the change, or check it with: segue plan, and go on with: segue run"));
      }
    }
    return Optional.empty();
  }

  private static List<String> differences(Table was, Table is) {
    List<String> differences = new ArrayList<>();
    for (Column column : was.columns()) {
      Optional<Column> now = is.column(column.name());
      if (now.isEmpty()) {
        differences.add("column " + column.name() + " is gone");
      } else if (!now.get().type().equals(column.type())) {
        differences.add(
            "column " + column.name() + " was " + column.type() + ", is " + now.get().type());
      }
    }
    for (Column column : is.columns()) {
      if (was.column(column.name()).isEmpty()) {
        differences.add("column " + column.name() + " is new");
      }
    }
    if (!was.primaryKey().equals(is.primaryKey())) {
      differences.add("the primary key changed");
    }
    return differences;
  }
}
