package dev.segue.layout;

import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A table that both systems have: the same meaning of the same columns of the same types. What a
 * row becomes on the other side is the row itself, unless it lacks something that is made up there.
 *
 * @param session the column that names a row's session
 * @param columns all that mean something, that one included
 */
public record Verbatim(
    Kind kind, TableId source, TableId target, String session, List<Column> columns) {
  public Verbatim {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(session, "session");
    columns = List.copyOf(columns);
  }

  /** The tables of two systems that are so. A kind that has several tables in one is not. */
  public static List<Verbatim> between(LayoutBinding source, LayoutBinding target) {
    List<Verbatim> found = new ArrayList<>();
    for (TableBinding table : source.tables()) {
      Kind kind = table.layout().kind();
      List<TableBinding> there = target.all(kind);
      if (source.all(kind).size() == 1 && there.size() == 1) {
        between(table, there.get(0)).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<Verbatim> between(TableBinding source, TableBinding target) {
    Map<String, Meaning> meanings = meanings(source);
    return hasUnlisted(source) || !meanings.equals(meanings(target))
        ? Optional.empty()
        : session(source)
            .map(
                session ->
                    new Verbatim(
                        source.layout().kind(),
                        source.table().id(),
                        target.table().id(),
                        session,
                        source.table().columns().stream()
                            .filter(column -> meanings.containsKey(column.name()))
                            .toList()));
  }

  private record Meaning(ColumnSpec spec, ColumnType type) {}

  private static Map<String, Meaning> meanings(TableBinding table) {
    Map<String, Meaning> meanings = new LinkedHashMap<>();
    for (Column column : table.table().columns()) {
      ColumnSpec spec = table.layout().columns().get(column.name());
      if (spec != null && !column.generated() && !(spec instanceof ColumnSpec.LeftAlone)) {
        meanings.put(column.name(), new Meaning(spec, column.type()));
      }
    }
    return meanings;
  }

  /** Whether rows bring something that no column of the other side is for. */
  private static boolean hasUnlisted(TableBinding table) {
    return table.table().columns().stream()
        .anyMatch(
            column ->
                !column.generated()
                    && !table.layout().columns().containsKey(column.name())
                    && !table.layout().isSetAside(column.name()));
  }

  /** The session's column, if it holds the session's id and not a UUID made of it. */
  private static Optional<String> session(TableBinding table) {
    return table
        .layout()
        .columnOf(table.layout().kind().sessionField().name())
        .filter(
            name ->
                table.layout().columns().get(name) instanceof ColumnSpec.OfField of
                    && !of.asUuid());
  }
}
