package dev.segue.postgres;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.RowReader;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.TableProgress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * A view of the source that lasts as long as the session that exported it, read by COPY in ranges
 * of blocks.
 */
final class PostgresSnapshot implements SnapshotReader {
  private static final int BLOCK = 8192;

  private final PostgresConnections connections;
  private final Connection holder;
  private final String snapshot;
  private final Cutoff cutoff;
  private final Map<TableId, RowReader> readers;
  private final Map<TableId, List<Column>> columns;

  private PostgresSnapshot(
      PostgresConnections connections,
      Connection holder,
      String snapshot,
      Cutoff cutoff,
      Map<TableId, RowReader> readers,
      Map<TableId, List<Column>> columns) {
    this.connections = connections;
    this.holder = holder;
    this.snapshot = snapshot;
    this.cutoff = cutoff;
    this.readers = Map.copyOf(readers);
    this.columns = Map.copyOf(columns);
  }

  /** The view that a new slot exported. */
  static PostgresSnapshot ofSlot(
      PostgresConnections connections,
      ReplicationSlot.Created slot,
      Map<TableId, RowReader> readers,
      Map<TableId, List<Column>> columns) {
    try (Connection importer = connections.openPatient()) {
      adopt(importer, slot.snapshot());
      return new PostgresSnapshot(
          connections,
          slot.holder(),
          slot.snapshot(),
          new Cutoff(slot.consistentPoint(), horizon(importer)),
          readers,
          columns);
    } catch (SQLException e) {
      PostgresConnections.close(slot.holder());
      throw PostgresFaults.translate(e, "reading the snapshot of " + connections.describe());
    }
  }

  /** A view as of now. */
  static PostgresSnapshot ofNow(
      PostgresConnections connections,
      Map<TableId, RowReader> readers,
      Map<TableId, List<Column>> columns) {
    Connection holder = connections.openPatient();
    try {
      holder.setAutoCommit(false);
      try (Statement statement = holder.createStatement()) {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
        String log;
        String name;
        try (ResultSet rows =
            statement.executeQuery("SELECT pg_export_snapshot(), pg_current_wal_lsn()::text")) {
          rows.next();
          name = rows.getString(1);
          log = rows.getString(2);
        }
        return new PostgresSnapshot(
            connections, holder, name, new Cutoff(log, horizon(holder)), readers, columns);
      }
    } catch (SQLException e) {
      PostgresConnections.close(holder);
      throw PostgresFaults.translate(e, "taking a snapshot of " + connections.describe());
    }
  }

  private static void adopt(Connection connection, String snapshot) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot + "'");
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

  @Override
  public Cutoff cutoff() {
    return cutoff;
  }

  @Override
  public List<Chunk> chunks(long chunkBytes) {
    long blocks = Math.max(1, chunkBytes / BLOCK);
    List<Chunk> chunks = new ArrayList<>();
    for (TableId table : readers.keySet().stream().sorted(this::parentsFirst).toList()) {
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

  private int parentsFirst(TableId left, TableId right) {
    int order = readers.get(left).kind().compareTo(readers.get(right).kind());
    return order == 0 ? left.compareTo(right) : order;
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

  @Override
  public List<TableProgress> estimates() {
    List<TableProgress> estimates = new ArrayList<>();
    for (TableId table : readers.keySet().stream().sorted(this::parentsFirst).toList()) {
      List<Part> parts = parts(table);
      long rows = parts.stream().mapToLong(Part::rows).sum();
      long bytes = parts.stream().mapToLong(Part::blocks).sum() * BLOCK;
      estimates.add(new TableProgress(table.toString(), 0, rows, 0, bytes));
    }
    return estimates;
  }

  @Override
  public ChunkReader openReader() {
    Connection connection = connections.openPatient();
    try {
      adopt(connection, snapshot);
      return new Reader(connection);
    } catch (SQLException e) {
      PostgresConnections.close(connection);
      throw PostgresFaults.translate(e, "joining the snapshot of " + connections.describe());
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(holder);
  }

  private final class Reader implements ChunkReader {
    private final Connection connection;

    Reader(Connection connection) {
      this.connection = connection;
    }

    @Override
    public long read(Chunk chunk, String changedSince, RowConsumer consumer) {
      TableId table = TableId.parse(chunk.table());
      RowReader reader = readers.get(table);
      List<Column> wanted = columns.get(table);
      String[] raw = new String[(int) wanted.stream().filter(c -> !c.generated()).count()];
      try {
        CopyOut copy =
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(select(chunk, wanted, changedSince));
        long rows = 0;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
          CopyText.split(line, raw);
          deliver(reader, wanted, raw, consumer);
          if (++rows % 1000 == 0) {
            Failpoint.SNAPSHOT_MID_CHUNK.hit();
          }
        }
        return rows;
      } catch (SQLException e) {
        throw PostgresFaults.translate(
            e, "copying " + chunk.part() + " from " + connections.describe());
      }
    }

    private void deliver(
        RowReader reader, List<Column> wanted, String[] raw, RowConsumer consumer) {
      String[] row = new String[wanted.size()];
      try {
        int next = 0;
        for (int i = 0; i < row.length; i++) {
          Column column = wanted.get(i);
          if (!column.generated()) {
            String text = raw[next++];
            row[i] = text == null ? null : NeutralText.fromPostgres(column.type(), text);
          }
        }
        consumer.accept(reader.read(row));
      } catch (UnmappableRowException | MalformedRecordException e) {
        String session = null;
        int next = 0;
        for (Column column : wanted) {
          if (column.name().equals(reader.sessionColumnName())) {
            session = raw[next] == null ? null : reader.sessionIdOf(raw[next]);
          }
          next += column.generated() ? 0 : 1;
        }
        consumer.reject(session, e.getMessage());
      }
    }

    private String select(Chunk chunk, List<Column> wanted, String changedSince) {
      String list =
          wanted.stream()
              .filter(column -> !column.generated())
              .map(column -> TableId.quote(column.name()))
              .collect(Collectors.joining(", "));
      StringBuilder sql = new StringBuilder("COPY (SELECT ").append(list);
      sql.append(" FROM ONLY ").append(TableId.parse(chunk.part()).sql());
      sql.append(" WHERE ctid >= '(").append(chunk.from()).append(",0)'");
      if (chunk.to() >= 0) {
        sql.append(" AND ctid < '(").append(chunk.to()).append(",0)'");
      }
      if (changedSince != null) {
        sql.append(" AND age(xmin) <= age('").append(changedSince).append("'::xid)");
      }
      return sql.append(") TO STDOUT").toString();
    }

    @Override
    public void close() {
      PostgresConnections.close(connection);
    }
  }
}
