package dev.segue.postgres;

import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.TableProgress;
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
import java.util.function.Consumer;

/**
 * Some tables of a database as of one moment, read by COPY in ranges of blocks or by session. Lasts
 * as long as the session that exported the moment's snapshot.
 */
final class TableView implements AutoCloseable {
  private static final int BLOCK = 8192;
  private static final String MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

  private final PostgresConnections connections;
  private final Connection holder;
  private final String snapshot;
  private final Cutoff cutoff;
  private final Map<TableId, List<Column>> columns;
  private final Map<TableId, String> conditions;

  private TableView(
      PostgresConnections connections,
      Connection holder,
      String snapshot,
      Cutoff cutoff,
      Map<TableId, List<Column>> columns,
      Map<TableId, String> conditions) {
    this.connections = connections;
    this.holder = holder;
    this.snapshot = snapshot;
    this.cutoff = cutoff;
    this.columns = new LinkedHashMap<>(columns);
    this.conditions = Map.copyOf(conditions);
  }

  /**
   * The moment at which a slot was made.
   *
   * @param columns of each table those to read; tables in the order to read them
   * @param conditions which rows of a table called {@code t} are read, of tables of which not all
   *     are
   */
  static TableView ofSlot(
      PostgresConnections connections,
      ReplicationSlot.Created slot,
      Map<TableId, List<Column>> columns,
      Map<TableId, String> conditions) {
    try (Connection importer = connections.openPatient()) {
      adopt(importer, slot.snapshot());
      return new TableView(
          connections,
          slot.holder(),
          slot.snapshot(),
          new Cutoff(slot.consistentPoint(), horizon(importer)),
          columns,
          conditions);
    } catch (SQLException e) {
      PostgresConnections.close(slot.holder());
      throw PostgresFaults.translate(e, "reading the snapshot of " + connections.describe());
    }
  }

  /** This moment; the parameters are those of {@link #ofSlot}. */
  static TableView ofNow(
      PostgresConnections connections,
      Map<TableId, List<Column>> columns,
      Map<TableId, String> conditions) {
    Connection holder = connections.openPatient();
    try {
      holder.setAutoCommit(false);
      try (Statement statement = holder.createStatement()) {
        statement.execute(MOMENT);
        String log;
        String name;
        try (ResultSet rows =
            statement.executeQuery("SELECT pg_export_snapshot(), pg_current_wal_lsn()::text")) {
          rows.next();
          name = rows.getString(1);
          log = rows.getString(2);
        }
        return new TableView(
            connections, holder, name, new Cutoff(log, horizon(holder)), columns, conditions);
      }
    } catch (SQLException e) {
      PostgresConnections.close(holder);
      throw PostgresFaults.translate(e, "taking a snapshot of " + connections.describe());
    }
  }

  /** Reads in one go, as of this moment, by a session that may be kept for the next time. */
  static void scanNow(
      PostgresConnections connections,
      Map<TableId, List<Column>> columns,
      Map<TableId, String> conditions,
      Consumer<RowScan> work) {
    connections.withKept(
        "reading some sessions",
        connection -> {
          int usual = connection.getNetworkTimeout();
          // Rows of some sessions may have to be looked for in a large table without an index.
          connection.setNetworkTimeout(Runnable::run, 0);
          connection.setAutoCommit(false);
          try (Statement statement = connection.createStatement()) {
            statement.execute(MOMENT);
          }
          seeAll(connection);
          work.accept(new RowScan(connections, connection, columns, conditions));
          connection.setNetworkTimeout(Runnable::run, usual);
          return null;
        });
  }

  private static void adopt(Connection connection, String snapshot) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(MOMENT);
      statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot + "'");
    }
    seeAll(connection);
  }

  /** For the transaction. */
  static void seeAll(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // A policy that hides rows must be an error, not a smaller history.
      statement.execute("SET LOCAL row_security = off");
      statement.execute("SET LOCAL search_path = pg_catalog");
    }
  }

  private static String horizon(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296")) {
      rows.next();
      return rows.getString(1);
    }
  }

  Cutoff cutoff() {
    return cutoff;
  }

  /** The files of tables and their partitions, which change when a table is rewritten. */
  static String storage(PostgresConnections connections, Collection<TableId> tables) {
    return connections.with(
        "looking for files",
        connection -> {
          StringBuilder files = new StringBuilder();
          for (TableId table : tables) {
            try (PreparedStatement statement =
                connection.prepareStatement(
                    "WITH RECURSIVE parts(id) AS (SELECT ?::regclass::oid UNION"
                        + " SELECT i.inhrelid FROM pg_inherits i JOIN parts ON i.inhparent = id)"
                        + " SELECT string_agg(coalesce(pg_relation_filenode(id), 0)::text, ','"
                        + " ORDER BY id) FROM parts")) {
              statement.setString(1, table.sql());
              try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                files.append(table).append('=').append(rows.getString(1)).append(';');
              }
            }
          }
          return files.toString();
        });
  }

  List<Chunk> chunks(long chunkBytes) {
    long blocks = Math.max(1, chunkBytes / BLOCK);
    List<Chunk> chunks = new ArrayList<>();
    for (TableId table : columns.keySet()) {
      for (Part part : parts(table)) {
        for (long from = 0; ; from += blocks) {
          boolean last = from + blocks >= part.blocks();
          long size = Math.min(blocks, Math.max(0, part.blocks() - from)) * BLOCK;
          chunks.add(
              new Chunk(
                  chunks.size(),
                  table.toString(),
                  part.id().toString(),
                  from,
                  last ? -1 : from + blocks,
                  size));
          if (last) {
            break;
          }
        }
      }
    }
    return chunks;
  }

  List<TableProgress> estimates() {
    List<TableProgress> estimates = new ArrayList<>();
    for (TableId table : columns.keySet()) {
      List<Part> parts = parts(table);
      long rows = parts.stream().mapToLong(Part::rows).sum();
      long bytes = parts.stream().mapToLong(Part::blocks).sum() * BLOCK;
      estimates.add(new TableProgress(table.toString(), 0, rows, 0, bytes));
    }
    return estimates;
  }

  /** A physical table: the table itself, or one of its partitions. */
  private record Part(TableId id, long blocks, long rows) {}

  private List<Part> parts(TableId table) {
    return connections.with(
        "measuring " + table,
        connection -> {
          List<Part> parts = new ArrayList<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  SELECT n.nspname, c.relname,
                         pg_relation_size(c.oid) / current_setting('block_size')::bigint,
                         greatest(c.reltuples, 0)::bigint
                  FROM pg_partition_tree(?::regclass) t
                  JOIN pg_class c ON c.oid = t.relid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE t.isleaf AND c.relkind = 'r'
                  UNION ALL
                  SELECT n.nspname, c.relname,
                         pg_relation_size(c.oid) / current_setting('block_size')::bigint,
                         greatest(c.reltuples, 0)::bigint
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE c.oid = ?::regclass AND c.relkind = 'r' AND NOT c.relispartition
                    AND NOT EXISTS (SELECT FROM pg_partition_tree(?::regclass))
                  """)) {
            for (int i = 1; i <= 3; i++) {
              statement.setString(i, table.sql());
            }
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                parts.add(
                    new Part(
                        new TableId(rows.getString(1), rows.getString(2)),
                        rows.getLong(3),
                        rows.getLong(4)));
              }
            }
          }
          return parts;
        });
  }

  /** Opens one more reader of this moment, to be used by one thread. */
  RowScan open() {
    Connection connection = connections.openPatient();
    try {
      adopt(connection, snapshot);
      return new RowScan(connections, connection, columns, conditions);
    } catch (SQLException e) {
      PostgresConnections.close(connection);
      throw PostgresFaults.translate(e, "joining the snapshot of " + connections.describe());
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(holder);
  }
}
