package dev.segue.layout;

import dev.segue.relational.Column;
import dev.segue.relational.Table;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How well a layout fits a database, judged by the columns its tables have rather than by their
 * names, because different products give the same name to different tables.
 *
 * @param tables the real table for each of the layout's tables
 * @param score columns that both sides know, less those that only one side has
 */
public record LayoutMatch(Layout layout, Map<String, Table> tables, int score) {
  public LayoutMatch {
    tables = Map.copyOf(tables);
  }

  /** The best of the layouts for these tables, if one fits at all. */
  public static Optional<LayoutMatch> best(List<Layout> layouts, List<Table> real) {
    return layouts.stream()
        .flatMap(layout -> match(layout, real).stream())
        .max(Comparator.comparingInt(LayoutMatch::score));
  }

  /** The tables that this layout would use, if the database has one for each that must exist. */
  public static Optional<LayoutMatch> match(Layout layout, List<Table> real) {
    Map<String, Table> chosen = new LinkedHashMap<>();
    int score = 0;
    for (TableLayout table : layout.tables()) {
      Optional<Table> best =
          real.stream()
              .filter(candidate -> !chosen.containsValue(candidate))
              .filter(candidate -> fits(table, candidate))
              .max(Comparator.comparingInt(candidate -> score(table, candidate)));
      if (best.isPresent()) {
        chosen.put(table.table(), best.get());
        score += score(table, best.get());
      } else if (!table.optional()) {
        return Optional.empty();
      }
    }
    return chosen.isEmpty()
        ? Optional.empty()
        : Optional.of(new LayoutMatch(layout, chosen, score));
  }

  private static boolean fits(TableLayout layout, Table table) {
    return layout.columns().entrySet().stream()
        .allMatch(entry -> entry.getValue().optional() || table.column(entry.getKey()).isPresent());
  }

  private static int score(TableLayout layout, Table table) {
    int score = 0;
    for (Column column : table.columns()) {
      score += layout.columns().containsKey(column.name()) ? 2 : -1;
    }
    String name = layout.table().substring(layout.table().indexOf('.') + 1);
    return score + (table.id().name().equals(name) ? 1 : 0);
  }
}
