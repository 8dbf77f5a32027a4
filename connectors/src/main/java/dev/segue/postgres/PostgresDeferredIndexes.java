package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.LayoutBinding;
import dev.segue.relational.TableId;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.SystemFault;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain B-tree indexes of empty tables, which enforce nothing and which nothing depends on, and
 * primary keys that no foreign key refers to. Whatever {@code pg_get_indexdef} does not tell of an
 * index keeps it where it is.
 */
final class PostgresDeferredIndexes implements DeferredIndexes {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDeferredIndexes.class);

  /** The table's indexes; of a primary key also the constraint and its columns. */
  private static final String OF_TABLE =
      """
      SELECT format('%I.%I', n.nspname, c.relname), pg_get_indexdef(c.oid), k.conname,
        ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
          WHERE u.place <= i.indnkeyatts ORDER BY u.place)
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_am am ON am.oid = c.relam
      JOIN pg_class t ON t.oid = i.indrelid
      LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = t.oid AND k.contype = 'p'
      WHERE t.oid = ?::regclass AND t.relkind = 'r' AND NOT t.relispartition
        AND pg_has_role(t.relowner, 'USAGE') AND has_schema_privilege(t.relnamespace, 'CREATE')
        AND am.amname = 'btree'
        AND CASE WHEN ? AND i.indisprimary
          THEN k.oid IS NOT NULL AND NOT k.condeferrable
            AND obj_description(k.oid, 'pg_constraint') IS NULL
            AND NOT EXISTS (SELECT FROM pg_constraint f
              WHERE f.contype = 'f' AND f.confrelid = t.oid)
            AND NOT EXISTS (SELECT FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.atttypid NOT IN ('uuid'::regtype, 'int2'::regtype,
                'int4'::regtype, 'int8'::regtype, 'text'::regtype, 'varchar'::regtype))
            AND NOT EXISTS (SELECT FROM unnest(i.indcollation) u(collation_oid)
              JOIN pg_collation l ON l.oid = u.collation_oid AND NOT l.collisdeterministic)
          ELSE NOT (i.indisunique OR i.indisprimary OR i.indisexclusion) END
        AND NOT (i.indisclustered OR i.indisreplident) AND i.indisvalid
        AND i.indexprs IS NULL AND i.indpred IS NULL
        AND c.reltablespace = 0 AND obj_description(c.oid, 'pg_class') IS NULL
        AND NOT EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = c.oid AND coalesce(a.attstattarget, -1) >= 0)
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid
            AND NOT (d.classid = 'pg_class'::regclass AND d.objid = c.oid))
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype <> 'a'
            AND NOT (k.oid IS NOT NULL AND d.refclassid = 'pg_constraint'::regclass
              AND d.refobjid = k.oid))
      ORDER BY 1
      """;

  /** How long to try to get hold of a table for a moment before its key is tried anew. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final PostgresConnections connections;
  private final String migration;
  private final LayoutBinding binding;

  PostgresDeferredIndexes(
      PostgresConnections connections, String migration, LayoutBinding binding) {
    this.connections = connections;
    this.migration = migration;
    this.binding = binding;
  }

  /**
   * What can be built again.
   *
   * @param constraint the primary key's; null of a plain index
   * @param columns the primary key's
   */
  private record Definition(String name, String sql, String constraint, Array columns) {
    Index index() {
      return new Index(name, constraint != null);
    }
  }

  /** A primary key that is missing; the constraint is called as its index. */
  private record Key(TableId table, String constraint, List<String> columns) {
    /** What to do about two rows of one key: the migration itself brings one of each. */
    String remedy() {
      String list = columns.stream().map(TableId::quote).collect(Collectors.joining(", "));
      return "somebody else wrote to the table while history was copied: SELECT "
          + list
          + " FROM "
          + table.sql()
          + " GROUP BY "
          + list
          + " HAVING count(*) > 1 tells which rows are there twice; change or delete one of each;"
          + " then: segue run";
    }
  }

  private interface PerTable {
    List<Index> of(Connection connection, TableId table, boolean key) throws SQLException;
  }

  private List<Index> each(String doing, Set<Kind> kinds, Set<Kind> keys, PerTable work) {
    List<Index> all = new ArrayList<>();
    binding.tables().stream()
        .filter(table -> kinds.contains(table.layout().kind()))
        .forEach(
            table ->
                all.addAll(
                    connections.with(
                        doing,
                        connection -> {
                          connection.setAutoCommit(false);
                          return work.of(
                              connection, table.table().id(), keys.contains(table.layout().kind()));
                        })));
    return all;
  }

  @Override
  public List<Index> candidates(Set<Kind> kinds, Set<Kind> keys) {
    return each(
        "looking for indexes",
        kinds,
        keys,
        (connection, table, key) -> {
          List<Index> found =
              definitions(connection, table, key).stream().map(Definition::index).toList();
          connection.rollback();
          return found;
        });
  }

  /** None if the table has rows. */
  private static List<Definition> definitions(Connection connection, TableId table, boolean key)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // What is not in here is named with its schema, so that the definition means one thing only.
      statement.execute("SET LOCAL search_path = pg_catalog");
      try (ResultSet rows =
          statement.executeQuery("SELECT EXISTS (SELECT FROM " + table.sql() + ")")) {
        rows.next();
        if (rows.getBoolean(1)) {
          return List.of();
        }
      }
    }
    List<Definition> definitions = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(OF_TABLE)) {
      statement.setString(1, table.sql());
      statement.setBoolean(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          definitions.add(
              new Definition(
                  rows.getString(1), rows.getString(2), rows.getString(3), rows.getArray(4)));
        }
      }
    }
    return definitions;
  }

  @Override
  public List<Index> takeAway(Set<Kind> kinds, Set<Kind> keys) {
    return each("taking indexes away", kinds, keys, this::takeAway);
  }

  private List<Index> takeAway(Connection connection, TableId table, boolean key)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '" + LockQueue.PATIENCE + "'");
      statement.execute("LOCK TABLE " + table.sql() + " IN ACCESS EXCLUSIVE MODE");
      List<Definition> definitions = definitions(connection, table, key);
      for (Definition definition : definitions) {
        remember(connection, table, definition);
        statement.execute(
            definition.index().isKey()
                ? "ALTER TABLE "
                    + table.sql()
                    + " DROP CONSTRAINT "
                    + TableId.quote(definition.constraint())
                : "DROP INDEX " + definition.name());
      }
      connection.commit();
      return definitions.stream().map(Definition::index).toList();
    } catch (SQLException e) {
      if (!LockQueue.isBusy(e)) {
        throw e;
      }
      connection.rollback();
      LOG.atInfo().addKeyValue("table", table).log("in use, so it keeps its indexes");
      return List.of();
    }
  }

  private void remember(Connection connection, TableId table, Definition definition)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO segue.deferred_index VALUES (?, ?, ?)")) {
      statement.setString(1, migration);
      statement.setString(2, definition.name());
      statement.setString(3, definition.sql());
      statement.executeUpdate();
    }
    if (!definition.index().isKey()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO segue.deferred_key VALUES (?, ?, ?, ?, ?, ?)")) {
      statement.setString(1, migration);
      statement.setString(2, definition.name());
      statement.setString(3, table.schema());
      statement.setString(4, table.name());
      statement.setString(5, definition.constraint());
      statement.setArray(6, definition.columns());
      statement.executeUpdate();
    }
  }

  @Override
  public List<Index> missing() {
    return connections.with(
        "looking for indexes that are to be built",
        connection -> {
          List<Index> all = new ArrayList<>();
          if (!LedgerSchema.exists(connection)) {
            return all;
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  hasKeys(connection)
                      ? "SELECT name, k.columns IS NOT NULL FROM segue.deferred_index"
                          + " LEFT JOIN segue.deferred_key k USING (migration, name)"
                          + " WHERE migration = ? ORDER BY 2 DESC, 1"
                      : "SELECT name, false FROM segue.deferred_index WHERE migration = ?"
                          + " ORDER BY 1")) {
            statement.setString(1, migration);
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                all.add(new Index(rows.getString(1), rows.getBoolean(2)));
              }
            }
          }
          return all;
        });
  }

  @Override
  public void build(Index index) {
    try (Connection connection = connections.openPatient()) {
      Optional<Key> key = key(connection, index.name());
      try {
        if (key.isPresent()) {
          buildKey(connection, index.name(), key.get());
        } else {
          buildPlain(connection, index.name());
        }
      } catch (SQLException e) {
        if (!PostgresFaults.isData(e.getSQLState())) {
          throw e;
        }
        throw SystemFault.permanent(
            connections.describe()
                + " "
                + index
                + " cannot be built again: "
                + PostgresFaults.firstLine(e),
            key.map(Key::remedy)
                .orElse(
                    "mend the rows, or build an index of that name which takes them; then: segue"
                        + " run"));
      }
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, "building " + index + " on " + connections.describe());
    }
  }

  /** The index and the word that it is there are one transaction. */
  private void buildPlain(Connection connection, String name) throws SQLException {
    Optional<String> definition = definition(connection, name);
    connection.setAutoCommit(false);
    if (definition.isPresent() && !exists(connection, name)) {
      create(connection, definition.get());
    }
    forget(connection, name);
    Failpoint.INDEX_BEFORE_COMMIT.hit();
    connection.commit();
  }

  /**
   * The index first, while others may read the table; that it is the key is said in a moment. If
   * the process dies in between, the next one finds what is there. A server goes on building for a
   * process that is dead: it takes that back when it finds out, and the next one waits for that.
   */
  private void buildKey(Connection connection, String name, Key key) throws SQLException {
    if (exists(connection, key.table().sql()) && !hasKey(connection, key.table())) {
      Optional<String> definition = definition(connection, name);
      if (definition.isPresent() && !exists(connection, name)) {
        connection.setAutoCommit(false);
        create(connection, definition.get());
        connection.commit();
        connection.setAutoCommit(true);
      }
      Failpoint.INDEX_BEFORE_COMMIT.hit();
      String constraint = TableId.quote(key.constraint());
      LockQueue.run(
          connection,
          key.table().toString(),
          "ALTER TABLE "
              + key.table().sql()
              + " ADD CONSTRAINT "
              + constraint
              + " PRIMARY KEY USING INDEX "
              + constraint,
          PATIENCE,
          who -> LOG.atInfo().addKeyValue("who", who).log("the table is in use"));
    }
    connection.setAutoCommit(false);
    forget(connection, name);
    Failpoint.INDEX_BEFORE_COMMIT.hit();
    connection.commit();
  }

  private static void create(Connection connection, String definition) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT set_config('maintenance_work_mem', '256MB', false)"
              + " WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < 268435456");
      statement.execute(definition);
    }
  }

  private Optional<String> definition(Connection connection, String name) throws SQLException {
    return one(
        connection,
        "SELECT definition FROM segue.deferred_index WHERE migration = ? AND name = ?",
        name,
        rows -> rows.getString(1));
  }

  /** A ledger that an older version made has none until the next run. */
  private static boolean hasKeys(Connection connection) throws SQLException {
    return exists(connection, "segue.deferred_key");
  }

  private Optional<Key> key(Connection connection, String name) throws SQLException {
    if (!hasKeys(connection)) {
      return Optional.empty();
    }
    return one(
        connection,
        "SELECT table_schema, table_name, constraint_name, columns FROM segue.deferred_key"
            + " WHERE migration = ? AND name = ?",
        name,
        rows ->
            new Key(
                new TableId(rows.getString(1), rows.getString(2)),
                rows.getString(3),
                List.of((String[]) rows.getArray(4).getArray())));
  }

  private interface Row<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private <T> Optional<T> one(Connection connection, String sql, String name, Row<T> row)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, migration);
      statement.setString(2, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(row.read(rows)) : Optional.empty();
      }
    }
  }

  /** Takes an index off those to be built. */
  private void forget(Connection connection, String name) throws SQLException {
    List<String> tables =
        hasKeys(connection) ? List.of("deferred_index", "deferred_key") : List.of("deferred_index");
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

  private static boolean exists(Connection connection, String name) throws SQLException {
    return isSo(connection, "SELECT to_regclass(?) IS NOT NULL", name);
  }

  /** Somebody may have given the table another one meanwhile. */
  private static boolean hasKey(Connection connection, TableId table) throws SQLException {
    return isSo(
        connection,
        "SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = ?::regclass AND indisprimary)",
        table.sql());
  }

  private static boolean isSo(Connection connection, String sql, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }
}
