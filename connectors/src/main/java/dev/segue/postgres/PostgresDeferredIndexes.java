package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.LayoutBinding;
import dev.segue.relational.TableId;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.SystemFault;
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
  private final DeferredRows rows;
  private final LayoutBinding binding;

  PostgresDeferredIndexes(
      PostgresConnections connections, String migration, LayoutBinding binding) {
    this.connections = connections;
    this.rows = new DeferredRows(migration);
    this.binding = binding;
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
              definitions(connection, table, key).stream().map(DeferredIndex::index).toList();
          connection.rollback();
          return found;
        });
  }

  /** None if the table has rows. */
  private static List<DeferredIndex> definitions(Connection connection, TableId table, boolean key)
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
    List<DeferredIndex> definitions = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(OF_TABLE)) {
      statement.setString(1, table.sql());
      statement.setBoolean(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Optional<String> constraint = Optional.ofNullable(rows.getString(3));
          List<String> columns = List.of((String[]) rows.getArray(4).getArray());
          definitions.add(
              new DeferredIndex(
                  rows.getString(1),
                  rows.getString(2),
                  constraint.map(name -> new DeferredIndex.Key(table, name, columns))));
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
      List<DeferredIndex> definitions = definitions(connection, table, key);
      for (DeferredIndex definition : definitions) {
        rows.remember(connection, definition);
        statement.execute(
            definition
                .key()
                .map(
                    gone ->
                        "ALTER TABLE "
                            + table.sql()
                            + " DROP CONSTRAINT "
                            + TableId.quote(gone.constraint()))
                .orElse("DROP INDEX " + definition.name()));
      }
      connection.commit();
      return definitions.stream().map(DeferredIndex::index).toList();
    } catch (SQLException e) {
      if (!LockQueue.isBusy(e)) {
        throw e;
      }
      connection.rollback();
      LOG.atInfo().addKeyValue("table", table).log("in use, so it keeps its indexes");
      return List.of();
    }
  }

  @Override
  public List<Index> missing() {
    return connections.with(
        "looking for indexes that are to be built",
        connection -> LedgerSchema.exists(connection) ? rows.all(connection) : List.of());
  }

  @Override
  public void prepare(Index index) {
    eachWay(index, this::createKey);
  }

  @Override
  public void build(Index index) {
    eachWay(index, this::buildKey);
  }

  private interface KeyWork {
    void on(Connection connection, DeferredIndex index, DeferredIndex.Key key) throws SQLException;
  }

  /** A plain index is built as a whole either way. */
  private void eachWay(Index index, KeyWork keys) {
    try (Connection connection = connections.openPatient()) {
      pushAutovacuumAside(connection);
      Optional<DeferredIndex> known = rows.find(connection, index.name());
      if (known.isPresent()) {
        build(connection, known.get(), keys);
      }
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, "building " + index + " on " + connections.describe());
    }
  }

  private void build(Connection connection, DeferredIndex index, KeyWork keys) throws SQLException {
    try {
      if (index.key().isPresent()) {
        keys.on(connection, index, index.key().get());
      } else {
        buildPlain(connection, index);
      }
    } catch (SQLException e) {
      if (!PostgresFaults.isData(e.getSQLState())) {
        throw e;
      }
      throw SystemFault.permanent(
          connections.describe()
              + " "
              + index.index()
              + " cannot be built again: "
              + PostgresFaults.firstLine(e),
          index.remedy());
    }
  }

  /** The index and the word that it is there are one transaction. */
  private void buildPlain(Connection connection, DeferredIndex index) throws SQLException {
    connection.setAutoCommit(false);
    if (!exists(connection, index.name())) {
      create(connection, index.definition());
    }
    rows.forget(connection, index.name());
    Failpoint.INDEX_BEFORE_COMMIT.hit();
    connection.commit();
  }

  /**
   * The index first, while others may read the table; that it is the key is said in a moment. If
   * the process dies in between, the next one finds what is there. A server goes on building for a
   * process that is dead: it takes that back when it finds out, and the next one waits for that.
   */
  private void buildKey(Connection connection, DeferredIndex index, DeferredIndex.Key key)
      throws SQLException {
    if (createKey(connection, index, key)) {
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
    rows.forget(connection, index.name());
    Failpoint.INDEX_BEFORE_COMMIT.hit();
    connection.commit();
  }

  /**
   * Autovacuum looks at tables that were just filled, and gives way to whoever has waited for this
   * long, which only a superuser may set.
   */
  private static void pushAutovacuumAside(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT set_config('deadlock_timeout', '20ms', false) FROM pg_roles"
              + " WHERE rolname = current_user AND rolsuper");
    }
  }

  /** Returns whether the table is there and lacks a key, which can be this index now. */
  private boolean createKey(Connection connection, DeferredIndex index, DeferredIndex.Key key)
      throws SQLException {
    if (!exists(connection, key.table().sql()) || hasKey(connection, key.table())) {
      return false;
    }
    if (!exists(connection, index.name())) {
      connection.setAutoCommit(false);
      create(connection, index.definition());
      connection.commit();
      connection.setAutoCommit(true);
    }
    return true;
  }

  private static void create(Connection connection, String definition) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT set_config('maintenance_work_mem', '256MB', false)"
              + " WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < 268435456");
      statement.execute(definition);
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
