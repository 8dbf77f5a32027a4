package dev.segue.postgres;

import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.layout.ColumnSpec;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.TableId;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds sessions in the table that holds them, or where there is none in all tables that have rows
 * of them; names them as the canonical model does.
 */
final class SessionSearch {
  private final LayoutBinding binding;
  private final PostgresNames names;
  private final List<TableBinding> tables;

  /** The one that is asked. */
  private TableBinding sessions;

  /** Whether sessions may have names in the database. */
  private boolean named;

  SessionSearch(LayoutBinding binding, PostgresNames names) {
    this.names = names;
    this.binding = binding;
    List<TableBinding> own = binding.all(Kind.SESSION);
    this.tables = own.isEmpty() ? binding.tables() : own;
  }

  List<String> find(Connection connection, SessionQuery query) throws SQLException {
    // The same session may have rows in several tables.
    Set<String> found = new TreeSet<>();
    named = SessionNames.exists(connection);
    for (TableBinding table : tables) {
      sessions = table;
      found.addAll(findThere(connection, query));
    }
    return List.copyOf(found);
  }

  private boolean hasSessions() {
    return sessions.layout().kind() == Kind.SESSION;
  }

  private List<String> findThere(Connection connection, SessionQuery query) throws SQLException {
    if (query instanceof SessionQuery.InSlots in) {
      return list(
          connection,
          FenceSchema.slotOf(FenceSchema.sessionOf(sessions, named, names)) + " = ANY (?)",
          statement ->
              statement.setArray(1, connection.createArrayOf("int", in.slots().toArray())));
    }
    if (query instanceof SessionQuery.Where where) {
      Column column = column(where.field());
      if (sessions.table().column(column.name()).isEmpty()) {
        return List.of();
      }
      String value = spelling(column, where.value());
      return list(
          connection,
          "t." + TableId.quote(column.name()) + "::text = ?",
          statement -> statement.setString(1, value));
    }
    return idle(connection, ((SessionQuery.IdleFor) query).time().toSeconds());
  }

  /** As the first table has it; another one may lack it. */
  private Column column(String field) {
    if (!hasSessions()) {
      throw SystemFault.permanent(
          "layout " + binding.layout().name() + " has no table of sessions to look into",
          "select them in another way: --slice, --idle-for or --sessions FILE");
    }
    TableBinding first = tables.get(0);
    Optional<String> name =
        first.layout().columns().entrySet().stream()
            .filter(e -> e.getValue() instanceof ColumnSpec.OfField of && is(of.field(), field))
            .map(java.util.Map.Entry::getKey)
            .findFirst();
    return first
        .table()
        .column(name.orElse(field))
        .orElseThrow(
            () ->
                SystemFault.permanent(
                    first.table().id() + " has no column for '" + field + "'",
                    "it has "
                        + first.table().columns().stream()
                            .map(Column::name)
                            .collect(Collectors.joining(", "))));
  }

  private static boolean is(Field field, String name) {
    return field.name().equals(name);
  }

  /** How the column spells a canonical value. */
  private String spelling(Column column, String value) {
    return sessions.layout().columns().get(column.name()) instanceof ColumnSpec.OfField of
        ? of.values().getOrDefault(value, value)
        : value;
  }

  private List<String> idle(Connection connection, long seconds) throws SQLException {
    List<String> conditions = new ArrayList<>();
    for (TableBinding table : binding.tables()) {
      for (Column column : times(table)) {
        String used = "." + TableId.quote(column.name()) + " > now() - ? * interval '1 second'";
        if (table.equals(sessions) && hasSessions()) {
          conditions.add("NOT coalesce(t" + used + ", false)");
        } else if (table.layout().kind() != Kind.SESSION) {
          conditions.add(
              "NOT EXISTS (SELECT FROM "
                  + table.table().id().sql()
                  + " r WHERE r."
                  + TableId.quote(FenceSchema.sessionColumn(table))
                  + " = t."
                  + TableId.quote(FenceSchema.sessionColumn(sessions))
                  + " AND r"
                  + used
                  + ")");
        }
      }
    }
    if (conditions.isEmpty()) {
      throw SystemFault.permanent(
          "no column of layout "
              + binding.layout().name()
              + " tells when a session was used (a timestamptz of created_at, updated_at or"
              + " timestamp)",
          "select sessions in another way: --sessions FILE");
    }
    return list(
        connection,
        String.join(" AND ", conditions),
        statement -> {
          for (int i = 1; i <= conditions.size(); i++) {
            statement.setLong(i, seconds);
          }
        });
  }

  private static List<Column> times(TableBinding table) {
    return table.layout().columns().entrySet().stream()
        .filter(
            e ->
                e.getValue() instanceof ColumnSpec.OfField of
                    && List.of("created_at", "updated_at", "timestamp").contains(of.field().name()))
        .flatMap(e -> table.table().column(e.getKey()).stream())
        .filter(column -> column.type().family() == Family.INSTANT)
        .toList();
  }

  /** One row for each session; of other tables no more than the session is known. */
  private String rows() {
    String table = sessions.table().id().sql();
    return hasSessions()
        ? table
        : "(SELECT DISTINCT "
            + TableId.quote(FenceSchema.sessionColumn(sessions))
            + " FROM "
            + table
            + ")";
  }

  /** A session that is in an archive too counts once; its rows may be where they like. */
  private String counting() {
    return hasSessions()
        ? Archives.counts(binding, sessions).map(counts -> " AND " + counts).orElse("")
        : "";
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private List<String> list(Connection connection, String condition, Parameters parameters)
      throws SQLException {
    List<String> found = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT "
                + FenceSchema.sessionOf(sessions, named, names)
                + " AS id FROM "
                + rows()
                + " t WHERE "
                + condition
                + counting()
                + " ORDER BY 1")) {
      parameters.set(statement);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          if (rows.getString(1) != null) {
            found.add(rows.getString(1));
          }
        }
      }
    }
    return found;
  }
}
