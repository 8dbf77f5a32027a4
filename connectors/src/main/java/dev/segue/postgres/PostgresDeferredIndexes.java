package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain B-tree indexes of empty tables, which enforce nothing and which nothing depends on.
 * Whatever {@code pg_get_indexdef} does not tell of an index keeps it where it is.
 */
final class PostgresDeferredIndexes implements DeferredIndexes {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDeferredIndexes.class);

  private static final String PLAIN =
      """
      SELECT format('%I.%I', n.nspname, c.relname), pg_get_indexdef(c.oid)
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_am am ON am.oid = c.relam
      JOIN pg_class t ON t.oid = i.indrelid
      WHERE t.oid = ?::regclass AND t.relkind = 'r' AND NOT t.relispartition
        AND pg_has_role(t.relowner, 'USAGE') AND am.amname = 'btree'
        AND NOT (i.indisunique OR i.indisprimary OR i.indisexclusion)
        AND NOT (i.indisclustered OR i.indisreplident) AND i.indisvalid
        AND i.indexprs IS NULL AND i.indpred IS NULL
        AND c.reltablespace = 0 AND obj_description(c.oid, 'pg_class') IS NULL
        AND NOT EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = c.oid AND coalesce(a.attstattarget, -1) >= 0)
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype <> 'a')
      ORDER BY 1
      """;

  private final PostgresConnections connections;
  private final String migration;
  private final LayoutBinding binding;

  PostgresDeferredIndexes(
      PostgresConnections connections, String migration, LayoutBinding binding) {
    this.connections = connections;
    this.migration = migration;
    this.binding = binding;
  }

  private List<TableId> tables(Set<Kind> kinds) {
    return binding.tables().stream()
        .filter(table -> kinds.contains(table.layout().kind()))
        .map(TableBinding::table)
        .map(table -> table.id())
        .toList();
  }

  @Override
  public List<String> candidates(Set<Kind> kinds) {
    return connections.with(
        "looking for indexes",
        connection -> {
          connection.setAutoCommit(false);
          List<String> names = new ArrayList<>();
          for (TableId table : tables(kinds)) {
            names.addAll(plain(connection, table).keySet());
          }
          connection.rollback();
          return names;
        });
  }

  /** Definitions by name; empty if the table has rows. */
  private static Map<String, String> plain(Connection connection, TableId table)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // What is not in here is named with its schema, so that the definition means one thing only.
      statement.execute("SET LOCAL search_path = pg_catalog");
      try (ResultSet rows =
          statement.executeQuery("SELECT EXISTS (SELECT FROM " + table.sql() + ")")) {
        rows.next();
        if (rows.getBoolean(1)) {
          return Map.of();
        }
      }
    }
    Map<String, String> definitions = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(PLAIN)) {
      statement.setString(1, table.sql());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          definitions.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    return definitions;
  }

  @Override
  public List<String> takeAway(Set<Kind> kinds) {
    List<String> gone = new ArrayList<>();
    for (TableId table : tables(kinds)) {
      gone.addAll(connections.with("taking indexes away", c -> takeAway(c, table)));
    }
    return gone;
  }

  private List<String> takeAway(Connection connection, TableId table) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '" + LockQueue.PATIENCE + "'");
      statement.execute("LOCK TABLE " + table.sql() + " IN ACCESS EXCLUSIVE MODE");
      Map<String, String> definitions = plain(connection, table);
      for (Map.Entry<String, String> index : definitions.entrySet()) {
        remember(connection, index.getKey(), index.getValue());
        statement.execute("DROP INDEX " + index.getKey());
      }
      connection.commit();
      return List.copyOf(definitions.keySet());
    } catch (SQLException e) {
      if (!LockQueue.isBusy(e)) {
        throw e;
      }
      connection.rollback();
      LOG.atInfo().addKeyValue("table", table).log("in use, so it keeps its indexes");
      return List.of();
    }
  }

  private void remember(Connection connection, String name, String definition) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO segue.deferred_index VALUES (?, ?, ?)")) {
      statement.setString(1, migration);
      statement.setString(2, name);
      statement.setString(3, definition);
      statement.executeUpdate();
    }
  }

  @Override
  public List<String> missing() {
    return connections.with(
        "looking for indexes that are to be built",
        connection -> {
          List<String> names = new ArrayList<>();
          if (!LedgerSchema.exists(connection)) {
            return names;
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT name FROM segue.deferred_index WHERE migration = ? ORDER BY name")) {
            statement.setString(1, migration);
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                names.add(rows.getString(1));
              }
            }
          }
          return names;
        });
  }

  @Override
  public void build(String name) {
    try (Connection connection = connections.openPatient()) {
      connection.setAutoCommit(false);
      // The index and the word that it is there are one transaction.
      String definition = forget(connection, name);
      if (definition != null && !exists(connection, name)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(
              "SELECT set_config('maintenance_work_mem', '256MB', true)"
                  + " WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < 268435456");
          statement.execute(definition);
        }
      }
      Failpoint.INDEX_BEFORE_COMMIT.hit();
      connection.commit();
    } catch (SQLException e) {
      if (PostgresFaults.isData(e.getSQLState())) {
        throw SystemFault.permanent(
            connections.describe()
                + " index "
                + name
                + " cannot be built again: "
                + PostgresFaults.firstLine(e),
            "mend the rows, or build an index of that name which takes them; then: segue run");
      }
      throw PostgresFaults.translate(e, "building index " + name + " on " + connections.describe());
    }
  }

  /** Takes an index off those to be built; null if it is not among them. */
  private String forget(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM segue.deferred_index WHERE migration = ? AND name = ?"
                + " RETURNING definition")) {
      statement.setString(1, migration);
      statement.setString(2, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getString(1) : null;
      }
    }
  }

  private static boolean exists(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }
}
