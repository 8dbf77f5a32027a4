package dev.segue.layout;

import dev.segue.canonical.Kind;
import dev.segue.relational.Table;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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
 * @param archives further tables that rows may be moved into and are still the same entities; each
 *     may be missing
 */
public record TableLayout(
    Kind kind,
    String table,
    Map<String, ColumnSpec> columns,
    boolean optional,
    Optional<KeyRule> keys,
    Optional<VectorColumn> vectors,
    List<String> archives) {
  public TableLayout {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(vectors, "vectors");
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    archives = List.copyOf(archives);
  }

  /** The same for a real table: what a column holds may depend on which others there are. */
  TableLayout in(Table real) {
    Map<String, ColumnSpec> settled = new LinkedHashMap<>();
    columns.forEach((name, spec) -> settled.put(name, settled(spec, real)));
    return new TableLayout(kind, table, settled, optional, keys, vectors, archives);
  }

  /** The same without the tables that rows may be moved into. */
  TableLayout withoutArchives() {
    return new TableLayout(kind, table, columns, optional, keys, vectors, List.of());
  }

  /**
   * The same for a table that rows are moved into: of the columns those that it has. What it has
   * beyond the first table says something of the move, not of the entity, and is left alone; so is
   * what the first table computes.
   *
   * @param name what the layout calls it
   */
  TableLayout in(String name, Table archive, Table first) {
    Map<String, ColumnSpec> had = new LinkedHashMap<>();
    in(archive)
        .columns()
        .forEach(
            (column, spec) -> {
              if (archive.column(column).isPresent()) {
                had.put(column, spec);
              }
            });
    archive.columns().stream()
        .filter(column -> !had.containsKey(column.name()))
        .filter(column -> first.column(column.name()).filter(c -> !c.generated()).isEmpty())
        .forEach(column -> had.put(column.name(), new ColumnSpec.LeftAlone()));
    return new TableLayout(kind, name, had, true, keys, vectors, List.of());
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
        kind,
        table,
        others,
        optional,
        keys,
        Optional.of(new VectorColumn(column.get(), space)),
        archives);
  }
}
