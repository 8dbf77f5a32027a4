package dev.segue.postgres;

import dev.segue.layout.ColumnSpec;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The columns of a table that the database fills by itself, and by which its rows have an order.
 */
final class NumberedColumns {
  private final TargetTable table;

  NumberedColumns(TargetTable table) {
    this.table = table;
  }

  /** Whether the database numbers the rows, in the order in which they are written. */
  boolean isNumbered() {
    return given().anyMatch(this::isLeftAlone);
  }

  private boolean isLeftAlone(Column column) {
    return table.binding().layout().columns().get(column.name()) instanceof ColumnSpec.LeftAlone;
  }

  /** The columns of the layout that the database fills by itself; numbers last. */
  private Stream<Column> given() {
    return table.binding().table().columns().stream()
        .filter(column -> table.binding().layout().columns().containsKey(column.name()))
        .filter(column -> column.hasDefault() && !table.columnNames().contains(column.name()))
        .sorted(Comparator.comparing(this::isLeftAlone));
  }

  private String given(String separator, String behind) {
    return given()
        .map(column -> TableId.quote(column.name()) + behind)
        .collect(Collectors.joining(separator));
  }

  /** The keys of a session's rows, in the order that the database has given them. */
  String order() {
    return "SELECT "
        + Arrays.stream(table.keyIndexes())
            .mapToObj(column -> "t." + TableId.quote(table.columnNames().get(column)) + "::text")
            .collect(Collectors.joining(", "))
        + " FROM "
        + table.id().sql()
        + " AS t WHERE "
        + table.statements().inSession()
        + " ORDER BY "
        + given(", ", "");
  }

  /** Has the database give the row of a key its place anew, behind all others. */
  String placeLast() {
    return "UPDATE "
        + table.id().sql()
        + " AS t SET "
        + given(", ", " = DEFAULT")
        + " WHERE "
        + table.statements().hasKey();
  }
}
