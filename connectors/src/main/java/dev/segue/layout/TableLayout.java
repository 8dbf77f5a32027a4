package dev.segue.layout;

import dev.segue.canonical.Kind;
import dev.segue.relational.Table;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One table of a layout.
 *
 * @param kind which entity a row holds
 * @param table the table's name, with or without schema; without, every schema is searched
 * @param columns in the layout's order
 * @param optional whether the system may lack this table
 * @param keys which keys stand for the table in a store that has no tables; empty for one that has
 * @param vectors a column that is neither read nor written with the rows; empty if there is none
 */
public record TableLayout(
    Kind kind,
    String table,
    Map<String, ColumnSpec> columns,
    boolean optional,
    Optional<KeyRule> keys,
    Optional<VectorColumn> vectors) {
  public TableLayout {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(vectors, "vectors");
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
  }

  /** The same for a real table: what a column holds may depend on which others there are. */
  TableLayout in(Table real) {
    Map<String, ColumnSpec> settled = new LinkedHashMap<>();
    columns.forEach((name, spec) -> settled.put(name, settled(spec, real)));
    return new TableLayout(kind, table, settled, optional, keys, vectors);
  }

  private static ColumnSpec settled(ColumnSpec spec, Table real) {
    if (spec instanceof ColumnSpec.Unless unless) {
      return real.column(unless.other()).isPresent() ? new ColumnSpec.LeftAlone() : unless.spec();
    }
    return spec;
  }

  /** Whether rows have nothing to do with a column. */
  public boolean isSetAside(String column) {
    return vectors.filter(aside -> aside.name().equals(column)).isPresent();
  }

  /** The column that holds a field and nothing else, if the layout has one. */
  public Optional<String> columnOf(String field) {
    return columns.entrySet().stream()
        .filter(
            e -> e.getValue() instanceof ColumnSpec.OfField of && of.field().name().equals(field))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The same, with the vectors left to whoever makes them. */
  TableLayout withVectorsAside(String field, String space) {
    Optional<String> column = columnOf(field);
    if (column.isEmpty()) {
      return this;
    }
    Map<String, ColumnSpec> others = new LinkedHashMap<>(columns);
    others.remove(column.get());
    return new TableLayout(
        kind, table, others, optional, keys, Optional.of(new VectorColumn(column.get(), space)));
  }
}
