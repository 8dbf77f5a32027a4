package dev.segue.layout;

import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Tables of known layouts for tests of what is read from them and written to them. */
final class BoundTables {
  /** What constants of layouts may name. */
  static final Variables VARIABLES =
      new Variables("callsphere", "sessions", "m", "2026-01-01T00:00:00.000000Z");

  private BoundTables() {}

  /** A layout's table of a kind, with columns as the fields ask for them. */
  static TableBinding binding(String layout, Kind kind) {
    TableLayout table =
        LayoutCatalog.load(layout).tables().stream()
            .filter(t -> t.kind() == kind)
            .findFirst()
            .orElseThrow();
    List<Column> columns = new ArrayList<>();
    table
        .columns()
        .forEach(
            (name, spec) -> columns.add(new Column(name, type(spec), false, false, false, false)));
    return new TableBinding(table, new Table(new TableId("s", "t"), columns, List.of("id")));
  }

  /** The same table, but one of its columns is a text. */
  static TableBinding withText(TableBinding binding, String name) {
    List<Column> columns =
        binding.table().columns().stream()
            .map(
                column ->
                    column.name().equals(name)
                        ? new Column(name, type(Family.TEXT), false, false, false, false)
                        : column)
            .toList();
    return new TableBinding(
        binding.layout(), new Table(binding.table().id(), columns, List.of("id")));
  }

  private static ColumnType type(ColumnSpec spec) {
    Family family = Family.JSON;
    if (spec instanceof ColumnSpec.OfField of) {
      family =
          of.asUuid()
              ? Family.UUID
              : switch (of.field().type()) {
                case TEXT -> Family.TEXT;
                case INTEGER -> Family.INTEGER;
                case DECIMAL -> Family.DECIMAL;
                case BOOLEAN -> Family.BOOLEAN;
                case TIMESTAMP -> Family.INSTANT;
                case JSON -> Family.JSON;
              };
    }
    return type(family);
  }

  private static ColumnType type(Family family) {
    return new ColumnType(family, "x", "x", Limits.NONE, null);
  }

  /** What is written, by the names of columns. */
  static Map<String, String> asMap(RowWriter writer, Written row) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < row.values().length; i++) {
      map.put(writer.columns().get(i).name(), row.values()[i]);
    }
    return map;
  }

  /** The row of a table in which this was written. */
  static String[] expand(TableBinding binding, RowWriter writer, Written written) {
    String[] row = new String[binding.table().columns().size()];
    for (int i = 0; i < written.values().length; i++) {
      row[binding.table().indexOf(writer.columns().get(i).name())] = written.values()[i];
    }
    return row;
  }

  static String pick(Random random, String... values) {
    return values[random.nextInt(values.length)];
  }
}
