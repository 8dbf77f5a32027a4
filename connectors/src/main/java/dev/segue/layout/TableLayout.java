package dev.segue.layout;

import dev.segue.canonical.Kind;
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
 */
public record TableLayout(
    Kind kind,
    String table,
    Map<String, ColumnSpec> columns,
    boolean optional,
    Optional<KeyRule> keys) {
  public TableLayout {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(keys, "keys");
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
  }
}
