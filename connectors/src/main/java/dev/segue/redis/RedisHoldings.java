package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.KeyRule;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Row;
import dev.segue.spi.Chunk;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.SessionChunks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What the keys of a layout hold, in the columns that the migration writes. Where an element stands
 * in its list is not compared, for it is told by the list itself; what it is called is.
 */
final class RedisHoldings implements Holdings {
  private static final int SESSIONS = 2000;
  private static final int TOGETHER = 100;

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<Kind, WritableTable> tables;

  RedisHoldings(
      RedisConnections connections, RedisKeys keys, OwnKeys own, Map<Kind, WritableTable> tables) {
    this.connections = connections;
    this.keys = keys;
    this.own = own;
    this.tables = tables;
  }

  @Override
  public List<Entity> items(Entity entity) {
    WritableTable table = tables.get(entity.kind());
    return table == null ? List.of(entity) : table.items(entity);
  }

  @Override
  public Optional<HeldRow> expected(Entity entity) {
    WritableTable table = tables.get(entity.kind());
    if (table == null) {
      return Optional.empty();
    }
    try {
      return expected(table, table.writer().write(entity), sessionText(entity.sessionId()));
    } catch (MalformedRecordException e) {
      throw new UnmappableRowException(e.getMessage());
    }
  }

  private static Optional<HeldRow> expected(WritableTable table, Written row, String session) {
    // What it would refuse to hold is not to be expected.
    table.key(session);
    table.id(row, session);
    // A hash without a field is no key.
    boolean nothing =
        table.type() == KeyRule.Type.HASH
            && row.isWhole()
            && row.insertOnly().isEmpty()
            && table.hash(row, session, null).isEmpty();
    return nothing ? Optional.empty() : Optional.of(held(table, session, row));
  }

  @Override
  public Optional<List<String>> key(Entity entity) {
    WritableTable table = tables.get(entity.kind());
    return table == null
        ? Optional.empty()
        : Optional.of(
            key(table, sessionText(entity.sessionId()), table.writer().writeIdentity(entity)));
  }

  private static List<String> key(WritableTable table, String session, Written row) {
    return table.table().elementColumn().isPresent()
        ? List.of(session, table.id(row, session))
        : List.of(session);
  }

  private static HeldRow held(WritableTable table, String session, Written row) {
    List<String> columns = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < table.names().size(); i++) {
      String column = table.names().get(i);
      boolean compared =
          !column.equals(RedisTable.PLACE)
              || table.table().elementColumn().filter(RedisTable.PLACE::equals).isPresent();
      if (compared) {
        columns.add(column);
        String value = row.values()[i];
        values.add(row.insertOnly().get(i) ? Row.ABSENT : spelling(table, column, i, value));
      }
    }
    return new HeldRow(table.kind(), session, key(table, session, row), columns, values);
  }

  /** One spelling of what a key holds alike. */
  private static String spelling(WritableTable table, String column, int index, String value) {
    if (Row.isAbsent(value)) {
      return value;
    }
    if (column.equals(RedisTable.NONE)) {
      return "";
    }
    if (column.equals(RedisTable.EXPIRES_AT)) {
      long time = WritableTable.millis(value);
      return time == WritableTable.NEVER ? null : RedisReader.timestamp(time);
    }
    if (value == null) {
      return null;
    }
    if (column.equals(RedisTable.REST) && table.type() == KeyRule.Type.HASH) {
      return texts(value);
    }
    if (column.equals(RedisTable.REST)) {
      return value.equals("{}") ? null : JsonText.normal(value);
    }
    if (column.equals(RedisTable.VALUE)) {
      return document(value);
    }
    boolean json = table.writer().columns().get(index).type().family() == Family.JSON;
    return !json ? value : JsonText.isNull(value) ? null : JsonText.normal(value);
  }

  /** The fields of a hash are texts, whatever they were. */
  private static String texts(String rest) {
    Map<String, String> texts = new LinkedHashMap<>();
    JsonText.membersOf(rest)
        .forEach(
            (name, json) -> {
              if (!JsonText.isNull(json)) {
                texts.put(name, JsonText.unquote(json) == null ? JsonText.quote(json) : json);
              }
            });
    return texts.isEmpty() ? null : JsonText.normal(JsonText.object(texts));
  }

  private static String document(String value) {
    try {
      return JsonText.normal(value);
    } catch (MalformedRecordException | NumberFormatException e) {
      return value;
    }
  }

  @Override
  public String sessionText(String sessionId) {
    return tables.values().iterator().next().writer().sessionText(sessionId);
  }

  @Override
  public String sessionIdOf(String text) {
    return tables.values().iterator().next().writer().sessionIdOf(text);
  }

  @Override
  public boolean isExpired(HeldRow row) {
    return row.isPast(row.columns().indexOf(RedisTable.EXPIRES_AT));
  }

  @Override
  public boolean forgetsExpired() {
    return true;
  }

  /** A key that counts for being there is there as long as the list that it holds. */
  @Override
  public Optional<Kind> onlyBeside(HeldRow row) {
    WritableTable table = tables.get(row.kind());
    return table.type() != KeyRule.Type.KEY
        ? Optional.empty()
        : tables.values().stream()
            .filter(other -> other != table)
            .filter(
                other -> other.table().rule().toString().equals(table.table().rule().toString()))
            .map(WritableTable::kind)
            .findFirst();
  }

  /** Keys are read in no order that could be gone on with. */
  @Override
  public String storage() {
    return UUID.randomUUID().toString();
  }

  @Override
  public View view() {
    Set<String> sessions = new LinkedHashSet<>();
    connections.scan(
        keys.glob(),
        key ->
            keys.meant(new String(key, UTF_8)).ifPresent(meant -> sessions.add(meant.session())));
    SessionChunks chunks = new SessionChunks(sessions, SESSIONS);
    return new View() {
      @Override
      public List<Chunk> chunks(long chunkBytes) {
        return chunks.all();
      }

      @Override
      public Reader openReader() {
        return new SessionReader(chunks);
      }

      @Override
      public void close() {
        // Each reader has a connection of its own.
      }
    };
  }

  private final class SessionReader implements Reader {
    private final SessionChunks chunks;
    private final RedisReader reader = new RedisReader(connections, Optional.of(own));

    SessionReader(SessionChunks chunks) {
      this.chunks = chunks;
    }

    @Override
    public long read(Chunk chunk, Consumer<HeldRow> consumer) {
      return RedisHoldings.this.read(reader, chunks.of(chunk), consumer);
    }

    @Override
    public void close() {
      reader.close();
    }
  }

  @Override
  public void read(Collection<String> sessions, Consumer<HeldRow> consumer) {
    try (RedisReader reader = new RedisReader(connections, Optional.of(own))) {
      read(reader, sessions, consumer);
    }
  }

  private long read(RedisReader reader, Collection<String> sessions, Consumer<HeldRow> consumer) {
    long[] rows = {0};
    List<String> all = List.copyOf(sessions);
    for (int from = 0; from < all.size(); from += TOGETHER) {
      List<RedisKeys.Meant> some =
          all.subList(from, Math.min(all.size(), from + TOGETHER)).stream()
              .flatMap(session -> keys.ofSession(session).stream())
              .toList();
      reader.read(
          some,
          true,
          reading ->
              reading
                  .contents()
                  .forEach(
                      content ->
                          content.tell(
                              new Telling(
                                  content.meant(),
                                  row -> {
                                    rows[0]++;
                                    consumer.accept(row);
                                  }))));
    }
    return rows[0];
  }

  /** Rows of a key as they are compared. */
  private final class Telling implements Content.Rows {
    private final RedisKeys.Meant meant;
    private final Consumer<HeldRow> consumer;
    private int rejected;

    Telling(RedisKeys.Meant meant, Consumer<HeldRow> consumer) {
      this.meant = meant;
      this.consumer = consumer;
    }

    @Override
    public void row(RedisTable told, String[] row) {
      WritableTable table = tables.get(told.kind());
      if (table != null) {
        consumer.accept(held(table, meant.session(), table.pick(row)));
      }
    }

    @Override
    public void reject(RedisTable told, String reason) {
      // We wrote no such value, so whatever it is, nobody expects it.
      if (tables.containsKey(told.kind())) {
        List<String> key = List.of(meant.session(), "(unreadable " + ++rejected + ")");
        consumer.accept(
            new HeldRow(told.kind(), meant.session(), key, List.of("{value}"), List.of(reason)));
      }
    }
  }

  @Override
  public void close() {
    // Nothing is kept open.
  }
}
