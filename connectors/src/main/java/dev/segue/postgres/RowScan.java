package dev.segue.postgres;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.Identifiers;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.SessionSum;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads rows as one connection sees them. */
final class RowScan implements AutoCloseable {
  private final PostgresConnections connections;
  private final Connection connection;
  private final Map<TableId, List<Column>> columns;
  private final Map<TableId, String> conditions;

  /**
   * @param columns of each table those to read
   * @param conditions which rows of a table called {@code t} are read, of tables of which not all
   *     are
   */
  RowScan(
      PostgresConnections connections,
      Connection connection,
      Map<TableId, List<Column>> columns,
      Map<TableId, String> conditions) {
    this.connections = connections;
    this.connection = connection;
    this.columns = columns;
    this.conditions = conditions;
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

  /**
   * Reads a range.
   *
   * @param changedSince where not null, only rows changed since that horizon
   * @return rows read
   */
  long read(Chunk chunk, String changedSince, RowHandler handler) {
    String changed =
        changedSince == null ? "" : " AND age(xmin) <= age('" + changedSince + "'::xid)";
    return copy(TableId.parse(chunk.table()), part(chunk), range(chunk) + changed, handler);
  }

  private static String part(Chunk chunk) {
    return "ONLY " + TableId.parse(chunk.part()).sql();
  }

  private static String range(Chunk chunk) {
    String from = "ctid >= '(" + chunk.from() + ",0)'";
    return chunk.to() < 0 ? from : from + " AND ctid < '(" + chunk.to() + ",0)'";
  }

  /**
   * Has the database sum up the digests of a range's rows: 64 bits each, the same in any database
   * for values of the same types.
   *
   * @param session the column that names a row's session
   */
  void sum(Chunk chunk, String session, List<Column> digested, Consumer<SessionSum> consumer) {
    TableId table = TableId.parse(chunk.table());
    String values = digested.stream().map(RowScan::hashable).collect(Collectors.joining(", "));
    // A record's hash is a sum over its columns. Sums of such sums over rows would not notice two
    // rows that exchanged a value, so it is hashed once more.
    String sql =
        "SELECT t."
            + TableId.quote(session)
            + "::text COLLATE \"C\", count(*), sum(hashint8extended(hash_record_extended(ROW("
            + values
            + "), 1), 2)) FROM "
            + part(chunk)
            + " AS t WHERE "
            + counting(table, range(chunk))
            + " GROUP BY 1";
    try (Statement statement = connection.createStatement()) {
      // Each row of a piece may be another session's; their sums should not have to go to disk.
      statement.execute("SET LOCAL work_mem = '64MB'");
      ResultSet rows = statement.executeQuery(sql);
      while (rows.next()) {
        BigInteger sum = new BigInteger(rows.getString(3));
        consumer.accept(
            new SessionSum(
                rows.getString(1),
                rows.getLong(2),
                sum.shiftRight(Long.SIZE).longValue(),
                sum.longValue()));
      }
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, "summing up " + table + " in " + connections.describe());
    }
  }

  /**
   * A column as a value whose own hash tells it from any other. That of JSON hardly heeds where in
   * the document something stands, that of an enumeration is made of what the database calls it
   * inside, that of a text may follow a collation that takes several for one.
   */
  private static String hashable(Column column) {
    String value = "t." + TableId.quote(column.name());
    return switch (column.type().family()) {
      case INTEGER, BOOLEAN, INSTANT, LOCAL_TIMESTAMP, DATE, UUID, BYTES -> value;
      default -> value + "::text COLLATE \"C\"";
    };
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
              .collect(Collectors.joining(",", "{", "}"));
      String condition = ownType(table, session).isAnyOf(session, array);
      copy(table, table.sql(), condition, handler);
    }
  }

  private OwnType ownType(TableId table, Column column) {
    try {
      return OwnType.of(connection, table, column);
    } catch (SQLException e) {
      throw PostgresFaults.translate(
          e,
          "asking for the type of "
              + table
              + "."
              + column.name()
              + " in "
              + connections.describe());
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
    String sql =
        "COPY (SELECT "
            + list
            + " FROM "
            + from
            + " AS t WHERE "
            + counting(table, condition)
            + ") TO STDOUT";
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

  private String counting(TableId table, String condition) {
    return conditions.containsKey(table) ? condition + " AND " + conditions.get(table) : condition;
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
