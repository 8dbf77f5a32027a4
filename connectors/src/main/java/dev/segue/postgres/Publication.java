package dev.segue.postgres;

import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The source's list of tables whose changes are told. Its comment says which replica identities the
 * tables had before, so that they can be given back.
 */
final class Publication {
  private static final String REMEMBERED = "replica identities before: ";
  private static final String HAD = " had ";
  private static final Pattern NEXT = Pattern.compile("; ");

  private final Connection connection;
  private final String name;

  Publication(Connection connection, String name) {
    this.connection = connection;
    this.name = name;
  }

  boolean exists() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1 FROM pg_publication WHERE pubname = ?")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  /**
   * Makes it anew.
   *
   * @param identities of these tables their present replica identity is remembered; what an earlier
   *     publication of ours remembers of any of the tables goes before
   */
  void create(Collection<TableId> tables, List<TableId> identities) throws SQLException {
    Map<TableId, String> before = new LinkedHashMap<>();
    for (TableId table : identities) {
      before.put(table, ReplicaIdentity.clause(connection, table));
    }
    for (String other : ours()) {
      new Publication(connection, other)
          .identitiesBefore()
          .forEach(
              (table, identity) -> {
                if (other.equals(name) || tables.contains(table)) {
                  before.put(table, identity);
                }
              });
    }
    String comment =
        before.entrySet().stream()
            .map(e -> e.getKey() + HAD + e.getValue())
            .collect(Collectors.joining("; ", REMEMBERED, ""));
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP PUBLICATION IF EXISTS " + name);
      statement.execute(
          "CREATE PUBLICATION "
              + name
              + " FOR TABLE "
              + tables.stream().map(TableId::sql).collect(Collectors.joining(", "))
              + " WITH (publish = 'insert, update, delete, truncate',"
              + " publish_via_partition_root = true"
              // Else the source refuses updates of tables that have both these and a full identity.
              + (connection.getMetaData().getDatabaseMajorVersion() >= 18
                  ? ", publish_generated_columns = stored)"
                  : ")"));
      statement.execute(
          "COMMENT ON PUBLICATION " + name + " IS '" + comment.replace("'", "''") + "'");
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** The replica identities that the tables had before, as {@code ALTER TABLE} takes them. */
  Map<TableId, String> identitiesBefore() throws SQLException {
    Map<TableId, String> before = new LinkedHashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT obj_description(oid, 'pg_publication') FROM pg_publication"
                + " WHERE pubname = ?")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        String comment = rows.next() ? rows.getString(1) : null;
        if (comment != null && comment.startsWith(REMEMBERED)) {
          for (String each : NEXT.split(comment.substring(REMEMBERED.length()), -1)) {
            int arrow = each.indexOf(HAD);
            if (arrow > 0) {
              TableId table = TableId.parse(each.substring(0, arrow));
              before.put(table, each.substring(arrow + HAD.length()));
            }
          }
        }
      }
    }
    return before;
  }

  /** All publications that migrations made in this database. */
  private List<String> ours() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT pubname FROM pg_publication WHERE pubname LIKE 'segue\\_%'"
                    + " AND obj_description(oid, 'pg_publication') LIKE '"
                    + REMEMBERED
                    + "%' ORDER BY pubname")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  /** Whether another migration needs the table's replica identity too. */
  boolean isNeededElsewhere(TableId table) throws SQLException {
    for (String other : ours()) {
      if (!other.equals(name)
          && new Publication(connection, other).identitiesBefore().containsKey(table)) {
        return true;
      }
    }
    return false;
  }

  void drop() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP PUBLICATION IF EXISTS " + name);
    }
  }
}
