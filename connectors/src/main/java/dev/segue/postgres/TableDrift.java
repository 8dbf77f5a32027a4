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
    Optional<Finding> appeared = appeared(side, binding, now);
    if (appeared.isPresent()) {
      return appeared;
    }
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

  /**
   * An archive that was not there yet: nobody follows it, so its rows would be taken for deleted.
   */
  private static Optional<Finding> appeared(String side, LayoutBinding binding, List<Table> now) {
    for (TableBinding first : binding.tables()) {
      for (String archive : first.layout().archives()) {
        boolean known =
            binding.all(first.layout().kind()).stream()
                .anyMatch(table -> table.layout().table().equals(archive));
        Optional<Table> fresh =
            known ? Optional.empty() : now.stream().filter(t -> isNamed(t, archive)).findFirst();
        if (fresh.isPresent()) {
          return Optional.of(
              Finding.error(
                  side + " " + fresh.get().id(),
                  "was made while the migration runs: rows that are moved there from "
                      + first.table().id()
                      + " would be told as deleted",
                  "move its rows back and drop it, then: segue run; or start over with an empty"
                      + " target and a new name"));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isNamed(Table table, String name) {
    return name.contains(".") ? table.id().toString().equals(name) : table.id().name().equals(name);
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
