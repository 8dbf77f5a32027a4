package dev.segue.postgres;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Verbatim;
import dev.segue.layout.Written;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Row;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.SessionSum;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The rows of the target's tables, in the columns that the migration writes. */
final class PostgresHoldings implements Holdings {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");

  private final PostgresConnections connections;
  private final Map<Kind, TargetTable> tables;
  private final Map<TableId, String> conditions;
  private final UnaryOperator<String> names;
  private Connection asking;

  /**
   * @param conditions which rows count, of tables of which not all do
   * @param names the session that is meant by an id which may be a UUID made of its own
   */
  PostgresHoldings(
      PostgresConnections connections,
      Map<Kind, TargetTable> tables,
      Map<TableId, String> conditions,
      UnaryOperator<String> names) {
    this.names = names;
    this.connections = connections;
    this.tables = tables;
    this.conditions = Map.copyOf(conditions);
  }

  @Override
  public List<Entity> items(Entity entity) {
    TargetTable table = tables.get(entity.kind());
    return table == null ? List.of(entity) : table.writer().items(entity);
  }

  @Override
  public Optional<HeldRow> expected(Entity entity) {
    TargetTable table = tables.get(entity.kind());
    return table == null
        ? Optional.empty()
        : Optional.of(expected(table, table.writer().write(entity)));
  }

  private static HeldRow expected(TargetTable table, Written written) {
    HeldRow row = held(table, written.values());
    if (written.insertOnly().isEmpty() && written.untold().isEmpty()) {
      return row;
    }
    List<String> values = new ArrayList<>(row.values());
    // What a row that was there keeps, is whatever it is.
    written.insertOnly().stream().forEach(column -> values.set(column, Row.ABSENT));
    return new HeldRow(
        row.kind(), row.session(), row.key(), row.columns(), values, written.untold());
  }

  private static HeldRow held(TargetTable table, String[] neutral) {
    String[] values = new String[neutral.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = neutral[i] == null ? null : spelling(table, i, neutral[i]);
    }
    return new HeldRow(
        table.writer().kind(),
        session(table, values),
        table.keyOf(new Written(values, new BitSet())),
        table.columnNames(),
        Arrays.asList(values));
  }

  /** The row's session; none of ours has none. */
  private static String session(TargetTable table, String[] values) {
    String session = values[table.sessionIndex()];
    return session == null ? "" : session;
  }

  /** One spelling of values that the database takes for equal, as far as that is quick to tell. */
  private static String spelling(TargetTable table, int column, String neutral) {
    ColumnType type = table.writer().columns().get(column).type();
    return switch (type.family()) {
      case JSON -> json(table.writer().restMember(column), neutral);
      case ARRAY -> JsonText.normal(neutral);
      case DECIMAL, FLOAT ->
          NUMBER.matcher(neutral).matches()
              ? new BigDecimal(neutral).stripTrailingZeros().toPlainString()
              : neutral;
      case TEXT -> type.name().equals("bpchar") ? neutral.stripTrailing() : neutral;
      default -> neutral;
    };
  }

  /** A rest that keeps nothing says the same as none. */
  private static String json(Optional<String> rest, String text) {
    if (rest.isPresent() && text.contains('"' + rest.get() + '"')) {
      Map<String, String> members = JsonText.members(text);
      if (members != null && "{}".equals(members.get(rest.get()))) {
        members.remove(rest.get());
        return JsonText.normal(JsonText.object(members));
      }
    }
    return JsonText.normal(text);
  }

  @Override
  public boolean isExpired(HeldRow row) {
    return row.kind() == Kind.SESSION && row.isPast(tables.get(row.kind()).expiry().orElse(-1));
  }

  @Override
  public boolean isSame(HeldRow expected, HeldRow found, int column) {
    String right = found.values().get(column);
    String left = expected(expected, column, right);
    return Row.isAbsent(left)
        || Row.isAbsent(right)
        || Objects.equals(left, right)
        || (left != null
            && right != null
            && isSame(tables.get(expected.kind()), column, left, right));
  }

  /** What is to be in a column, where this is there and may keep a part of itself. */
  private String expected(HeldRow row, int column, String there) {
    String value = row.values().get(column);
    if (!row.untold().containsKey(column) || Row.isAbsent(there)) {
      return value;
    }
    String laid = row.untold().get(column).over(value, there);
    return laid == null ? null : spelling(tables.get(row.kind()), column, laid);
  }

  /** Asks the database, which knows many spellings of a value of its types. */
  private boolean isSame(TargetTable table, int column, String left, String right) {
    ColumnType type = table.writer().columns().get(column).type();
    if (type.family() == Family.JSON) {
      return false;
    }
    String sql = "SELECT ?::" + type.name() + " = ?::" + type.name();
    try {
      if (asking == null) {
        asking = connections.open();
      }
      try (PreparedStatement statement = asking.prepareStatement(sql)) {
        statement.setString(1, table.literal(column, left));
        statement.setString(2, table.literal(column, right));
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next() && rows.getBoolean(1);
        }
      }
    } catch (SQLException e) {
      if (PostgresFaults.isData(e.getSQLState()) || "42883".equals(e.getSQLState())) {
        return false;
      }
      PostgresConnections.close(asking);
      asking = null;
      throw PostgresFaults.translate(e, "comparing values in " + connections.describe());
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(asking);
  }

  @Override
  public Optional<List<String>> key(Entity entity) {
    TargetTable table = tables.get(entity.kind());
    return table == null
        ? Optional.empty()
        : Optional.of(table.keyOf(table.writer().writeIdentity(entity)));
  }

  @Override
  public String sessionText(String sessionId) {
    return tables.values().iterator().next().writer().sessionText(sessionId);
  }

  @Override
  public String sessionIdOf(String text) {
    RowWriter writer = tables.values().iterator().next().writer();
    String id = writer.sessionIdOf(text);
    return writer.spellsSessionsAsUuid() ? names.apply(id) : id;
  }

  private Map<TableId, List<Column>> columns() {
    Map<TableId, List<Column>> columns = new LinkedHashMap<>();
    for (TargetTable table : tables.values()) {
      columns.put(table.id(), table.writer().columns());
      for (TableBinding archive : table.archives()) {
        columns.put(
            archive.table().id(),
            table.writer().columns().stream()
                .flatMap(column -> archive.table().column(column.name()).stream())
                .toList());
      }
    }
    return columns;
  }

  /** Reads one of its tables. */
  private RowScan.RowHandler handler(TargetTable table, TableId id, Consumer<HeldRow> consumer) {
    Handler whole = new Handler(table, consumer);
    if (id.equals(table.id())) {
      return whole;
    }
    List<String> had = columns().get(id).stream().map(Column::name).toList();
    return new Widening(whole, table.columnNames().stream().mapToInt(had::indexOf).toArray());
  }

  /**
   * Hands on rows of a table that may lack columns.
   *
   * @param places where each column stands in its rows, or -1
   */
  private record Widening(RowScan.RowHandler whole, int[] places) implements RowScan.RowHandler {
    @Override
    public void accept(String[] row) {
      whole.accept(wide(row));
    }

    @Override
    public void reject(String[] raw, String reason) {
      whole.reject(wide(raw), reason);
    }

    private String[] wide(String[] row) {
      return IntStream.of(places)
          .mapToObj(place -> place < 0 ? Row.ABSENT : row[place])
          .toArray(String[]::new);
    }
  }

  /** Hands rows on. */
  private record Handler(TargetTable table, Consumer<HeldRow> consumer)
      implements RowScan.RowHandler {
    @Override
    public void accept(String[] row) {
      consumer.accept(held(table, row));
    }

    @Override
    public void reject(String[] raw, String reason) {
      // We wrote no such value, so whatever it is, it differs from what is expected.
      consumer.accept(
          new HeldRow(
              table.writer().kind(),
              session(table, raw),
              table.keyOf(new Written(raw, new BitSet())),
              table.columnNames(),
              Arrays.asList(raw.clone())));
    }
  }

  @Override
  public String storage() {
    return TableView.storage(connections, columns().keySet());
  }

  @Override
  public View view() {
    TableView view = TableView.ofNow(connections, columns(), conditions);
    return new View() {
      @Override
      public List<Chunk> chunks(long chunkBytes) {
        return view.chunks(chunkBytes);
      }

      @Override
      public Reader openReader() {
        return new ChunkReader(view.open());
      }

      @Override
      public void close() {
        view.close();
      }
    };
  }

  private final class ChunkReader implements Reader {
    private final RowScan scan;

    ChunkReader(RowScan scan) {
      this.scan = scan;
    }

    @Override
    public long read(Chunk chunk, Consumer<HeldRow> consumer) {
      TableId id = TableId.parse(chunk.table());
      TargetTable table =
          tables.values().stream()
              .filter(t -> t.everywhere().contains(id))
              .findFirst()
              .orElseThrow();
      return scan.read(chunk, null, handler(table, id, consumer));
    }

    @Override
    public void sum(Chunk chunk, Verbatim table, Consumer<SessionSum> consumer) {
      scan.sum(chunk, table.session(), table.columns(), consumer);
    }

    @Override
    public void close() {
      scan.close();
    }
  }

  @Override
  public void read(Collection<String> sessions, Consumer<HeldRow> consumer) {
    TableView.scanNow(
        connections,
        columns(),
        conditions,
        scan -> {
          for (TargetTable table : tables.values()) {
            Column session = table.writer().columns().get(table.sessionIndex());
            for (TableId id : table.everywhere()) {
              scan.read(id, session, List.copyOf(sessions), handler(table, id, consumer));
            }
          }
        });
  }
}
