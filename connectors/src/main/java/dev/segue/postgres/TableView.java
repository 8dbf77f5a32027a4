package dev.segue.postgres;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.Identifiers;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.TableProgress;
import java.math.BigDecimal;
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
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Some tables of a database as of one moment, read by COPY in ranges of blocks or by session. Lasts
 * as long as the session that exported the moment's snapshot.
 */
final class TableView implements AutoCloseable {
  private static final int BLOCK = 8192;

  /** Types of which every text that gets here is a value, so that an index can be used. */
  private static final Set<String> INDEXED =
      Set.of("uuid", "text", "character varying", "smallint", "integer", "bigint");

  private final PostgresConnections connections;
  private final Connection holder;
  private final String snapshot;
  private final Cutoff cutoff;
  private final Map<TableId, List<Column>> columns;

  private TableView(
      PostgresConnections connections,
      Connection holder,
      String snapshot,
      Cutoff cutoff,
      Map<TableId, List<Column>> columns) {
    this.connections = connections;
    this.holder = holder;
    this.snapshot = snapshot;
    this.cutoff = cutoff;
    this.columns = new LinkedHashMap<>(columns);
  }

  /**
   * The moment at which a slot was made.
   *
   * @param columns of each table those to read; tables in the order to read them
   */
  static TableView ofSlot(
      PostgresConnections connections,
      ReplicationSlot.Created slot,
      Map<TableId, List<Column>> columns) {
    try (Connection importer = connections.openPatient()) {
      adopt(importer, slot.snapshot());
      return new TableView(
          connections,
          slot.holder(),
          slot.snapshot(),
          new Cutoff(slot.consistentPoint(), horizon(importer)),
          columns);
    } catch (SQLException e) {
      PostgresConnections.close(slot.holder());
      throw PostgresFaults.translate(e, "reading the snapshot of " + connections.describe());
    }
  }

  /** This moment. */
  static TableView ofNow(PostgresConnections connections, Map<TableId, List<Column>> columns) {
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
        return new TableView(connections, holder, name, new Cutoff(log, horizon(holder)), columns);
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

  /** Takes rows. */
  interface RowHandler {
    /**
     * A row.
     *
     * @param row neutral texts in the order of the table's columns; null for one that is not read
     */
    void accept(String[] row);

    /** A row with a value that has no neutral text; given as the database spells its values. */
    void reject(String[] raw, String reason);
  }

  /** Opens one more reader of this moment, to be used by one thread. */
  Scan open() {
    Connection connection = connections.openPatient();
    try {
      adopt(connection, snapshot);
      return new Scan(connection);
    } catch (SQLException e) {
      PostgresConnections.close(connection);
      throw PostgresFaults.translate(e, "joining the snapshot of " + connections.describe());
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(holder);
  }

  /** Reads rows. */
  final class Scan implements AutoCloseable {
    private final Connection connection;

    private Scan(Connection connection) {
      this.connection = connection;
    }

    /**
     * Reads a range.
     *
     * @param changedSince where not null, only rows changed since that horizon
     * @return rows read
     */
    long read(Chunk chunk, String changedSince, RowHandler handler) {
      StringBuilder condition = new StringBuilder("ctid >= '(" + chunk.from() + ",0)'");
      if (chunk.to() >= 0) {
        condition.append(" AND ctid < '(").append(chunk.to()).append(",0)'");
      }
      if (changedSince != null) {
        condition.append(" AND age(xmin) <= age('").append(changedSince).append("'::xid)");
      }
      String from = "ONLY " + TableId.parse(chunk.part()).sql();
      return copy(TableId.parse(chunk.table()), from, condition.toString(), handler);
    }

    /**
     * Reads the rows of some sessions.
     *
     * @param session the column that names a row's session
     * @param values as the column spells them
     */
    void read(TableId table, Column session, List<String> values, RowHandler handler) {
      List<String> possible = values.stream().filter(value -> isPossible(session, value)).toList();
      if (!possible.isEmpty()) {
        String array =
            possible.stream()
                .map(value -> '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"))
                .replace("'", "''");
        // Compared as text, where the column's own type may not take every spelling.
        String condition =
            INDEXED.contains(session.type().name())
                ? TableId.quote(session.name())
                    + " = ANY ('"
                    + array
                    + "'::text[]::"
                    + session.type().name()
                    + "[])"
                : TableId.quote(session.name()) + "::text = ANY ('" + array + "'::text[])";
        copy(table, table.sql(), condition, handler);
      }
    }

    /** Whether the column can hold it at all; if not, comparing would be an error. */
    private boolean isPossible(Column column, String value) {
      return switch (column.type().family()) {
        case UUID -> Identifiers.isUuid(value);
        case INTEGER ->
            value.matches("-?\\d{1,30}")
                && column
                    .type()
                    .limits()
                    .range()
                    .filter(range -> range.contains(new BigDecimal(value)))
                    .isPresent();
        default -> true;
      };
    }

    private long copy(TableId table, String from, String condition, RowHandler handler) {
      List<Column> wanted = columns.get(table);
      String list =
          wanted.stream()
              .filter(column -> !column.generated())
              .map(column -> TableId.quote(column.name()))
              .collect(Collectors.joining(", "));
      String sql = "COPY (SELECT " + list + " FROM " + from + " WHERE " + condition + ") TO STDOUT";
      String[] raw = new String[(int) wanted.stream().filter(c -> !c.generated()).count()];
      try {
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
        long rows = 0;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
          CopyText.split(line, raw);
          deliver(wanted, raw, handler);
          rows++;
        }
        return rows;
      } catch (SQLException e) {
        throw PostgresFaults.translate(e, "copying " + table + " from " + connections.describe());
      }
    }

    private void deliver(List<Column> wanted, String[] raw, RowHandler handler) {
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
      } catch (MalformedRecordException e) {
        handler.reject(spread(wanted, raw), e.getMessage());
        return;
      }
      handler.accept(row);
    }

    private String[] spread(List<Column> wanted, String[] raw) {
      String[] row = new String[wanted.size()];
      int next = 0;
      for (int i = 0; i < row.length; i++) {
        row[i] = wanted.get(i).generated() ? null : raw[next++];
      }
      return row;
    }

    @Override
    public void close() {
      PostgresConnections.close(connection);
    }
  }
}
