package dev.segue.postgres;

import dev.segue.relational.TableId;
import dev.segue.spi.DeferredIndexes.Index;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ledger's rows of indexes that a migration has taken away. */
final class DeferredRows {
  private static final String KEYS = "deferred_key";

  private final String migration;

  DeferredRows(String migration) {
    this.migration = migration;
  }

  void remember(Connection connection, DeferredIndex index) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO segue.deferred_index VALUES (?, ?, ?)")) {
      statement.setString(1, migration);
      statement.setString(2, index.name());
      statement.setString(3, index.definition());
      statement.executeUpdate();
    }
    if (index.key().isEmpty()) {
      return;
    }
    DeferredIndex.Key key = index.key().get();
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO segue.deferred_key VALUES (?, ?, ?, ?, ?, ?)")) {
      statement.setString(1, migration);
      statement.setString(2, index.name());
      statement.setString(3, key.table().schema());
      statement.setString(4, key.table().name());
      statement.setString(5, key.constraint());
      statement.setArray(6, connection.createArrayOf("text", key.columns().toArray()));
      statement.executeUpdate();
    }
  }

  /** All of them, primary keys first. */
  List<Index> all(Connection connection) throws SQLException {
    return read(connection, Optional.empty()).stream().map(DeferredIndex::index).toList();
  }

  Optional<DeferredIndex> find(Connection connection, String name) throws SQLException {
    return read(connection, Optional.of(name)).stream().findFirst();
  }

  private List<DeferredIndex> read(Connection connection, Optional<String> name)
      throws SQLException {
    // A ledger that an older version made knows of no keys until the next run.
    String keys =
        LedgerSchema.mayRead(connection, KEYS)
            ? "segue.deferred_key"
            : "(SELECT NULL::text AS migration, NULL::text AS name, NULL::text AS table_schema,"
                + " NULL::text AS table_name, NULL::text AS constraint_name,"
                + " NULL::text[] AS columns)";
    List<DeferredIndex> found = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT i.name, i.definition, k.table_schema, k.table_name, k.constraint_name,"
                + " k.columns FROM segue.deferred_index i LEFT JOIN "
                + keys
                + " k USING (migration, name) WHERE i.migration = ? AND i.name = coalesce(?, i.name)"
                + " ORDER BY k.columns IS NULL, i.name")) {
      statement.setString(1, migration);
      statement.setString(2, name.orElse(null));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(
              new DeferredIndex(
                  rows.getString(1),
                  rows.getString(2),
                  rows.getString(3) == null ? Optional.empty() : Optional.of(key(rows))));
        }
      }
    }
    return found;
  }

  private static DeferredIndex.Key key(ResultSet rows) throws SQLException {
    return new DeferredIndex.Key(
        new TableId(rows.getString(3), rows.getString(4)),
        rows.getString(5),
        List.of((String[]) rows.getArray(6).getArray()));
  }

  void forget(Connection connection, String name) throws SQLException {
    List<String> tables = new ArrayList<>(List.of("deferred_index"));
    if (LedgerSchema.mayRead(connection, KEYS)) {
      tables.add(KEYS);
    }
    for (String table : tables) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "DELETE FROM segue." + table + " WHERE migration = ? AND name = ?")) {
        statement.setString(1, migration);
        statement.setString(2, name);
        statement.executeUpdate();
      }
    }
  }
}
