package dev.segue.postgres;

import dev.segue.layout.ColumnSpec;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** In SQL, which of several tables of a kind has the row that counts. */
final class Archives {
  private Archives() {}

  /** The columns that tell an entity, which all tables of its kind have. */
  static List<String> identity(TableBinding table) {
    return table.layout().columns().entrySet().stream()
        .filter(e -> e.getValue() instanceof ColumnSpec.OfField of && of.field().identity())
        .map(Map.Entry::getKey)
        .filter(column -> table.table().column(column).isPresent())
        .toList();
  }

  /** Whether a row of table {@code t} is also in that other table. */
  static String has(TableBinding other) {
    return "EXISTS (SELECT FROM "
        + other.table().id().sql()
        + " AS f WHERE "
        + identity(other).stream()
            .map(TableId::quote)
            .map(column -> "f." + column + " = t." + column)
            .collect(Collectors.joining(" AND "))
        + ")";
  }

  /** Whether a row of table {@code t} counts; empty for the first table, whose rows all do. */
  static Optional<String> counts(LayoutBinding binding, TableBinding table) {
    List<TableBinding> before = binding.before(table);
    return before.isEmpty()
        ? Optional.empty()
        : Optional.of(
            before.stream().map(other -> "NOT " + has(other)).collect(Collectors.joining(" AND ")));
  }

  /** The conditions of all tables that have one. */
  static Map<TableId, String> conditions(LayoutBinding binding) {
    Map<TableId, String> conditions = new LinkedHashMap<>();
    for (TableBinding table : binding.tables()) {
      counts(binding, table).ifPresent(condition -> conditions.put(table.table().id(), condition));
    }
    return conditions;
  }
}
