package dev.segue.redis;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.KeyRule;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.spi.Chunk;
import dev.segue.spi.SnapshotWriter;
import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes chunks some rows at a time. What is written before a chunk is recorded is written again
 * with it; that is no harm, for a row takes the place of itself. Elements of lists wait beside
 * them, see {@link StagedLists}.
 */
final class RedisSnapshotWriter implements SnapshotWriter {
  private static final int TOGETHER = 1000;
  private static final long BYTES = 1 << 20;
  private static final byte[] WRITTEN = Bytes.of("written");
  private static final String WRITING = "writing history";

  private final RedisConnections connections;
  private final OwnKeys own;
  private final Map<Kind, WritableTable> tables;
  private final List<Rejected> rejected = new ArrayList<>();
  private final List<Pending> pending = new ArrayList<>();
  private long pendingBytes;
  private Transactions transactions;
  private Chunk chunk;

  /**
   * A row to be written.
   *
   * @param key whose type has to be right before
   */
  private record Pending(Entity entity, WantedKey key, List<Transactions.Command> commands) {}

  RedisSnapshotWriter(RedisConnections connections, OwnKeys own, Map<Kind, WritableTable> tables) {
    this.connections = connections;
    this.own = own;
    this.tables = tables;
  }

  @Override
  public void begin(Chunk next, boolean overwrite) {
    chunk = next;
    rejected.clear();
    clear();
    if (transactions == null) {
      transactions = new Transactions(connections);
    }
  }

  private void clear() {
    pending.clear();
    pendingBytes = 0;
  }

  @Override
  public void write(Entity entity) {
    WritableTable table = tables.get(entity.kind());
    if (table == null) {
      return;
    }
    try {
      String session = table.writer().sessionText(entity.sessionId());
      WantedKey key = new WantedKey(table, session, table.key(session));
      for (Entity item : table.items(entity)) {
        Written row = table.writer().write(item);
        if (!row.isWhole()) {
          throw new UnmappableRowException("a column of its row is not known");
        }
        pending.add(new Pending(item, key, commands(key, row, item)));
      }
    } catch (UnmappableRowException | MalformedRecordException e) {
      rejected.add(new Rejected(entity.sessionId(), e.getMessage(), entity));
    }
    if (pending.size() >= TOGETHER || pendingBytes >= BYTES) {
      flush();
    }
  }

  private List<Transactions.Command> commands(WantedKey key, Written row, Entity entity) {
    WritableTable table = key.table();
    String session = key.session();
    String id = table.id(row, session);
    List<Transactions.Command> all = new ArrayList<>();
    switch (table.type()) {
      case HASH -> {
        // Another time it may have had other fields.
        all.add(commands -> commands.del(key.key()));
        for (Map<byte[], byte[]> part : Fields.parts(table.hash(row, session, null))) {
          part.values().forEach(value -> pendingBytes += value.length);
          all.add(commands -> commands.hset(key.key(), part));
        }
      }
      case MAP -> {
        byte[] field = Bytes.of(id);
        byte[] document = counted(Bytes.of(table.document(row, session, null)));
        all.add(commands -> commands.hset(key.key(), field, document));
      }
      case STRING -> {
        byte[] document = counted(Bytes.of(table.document(row, session, null)));
        all.add(commands -> commands.set(key.key(), document));
      }
      case LIST -> {
        String name = table.table().name();
        byte[] element =
            counted(
                new StagedElement(ElementOrder.of(entity), table.document(row, session, null))
                    .value());
        byte[] member = Bytes.of(session);
        byte[] field = Bytes.of(id);
        all.add(commands -> commands.sadd(own.staged(name), member));
        all.add(commands -> commands.hset(own.staged(name, session), field, element));
      }
      case KEY -> {
        // It is there as soon as its list is.
      }
    }
    table
        .expiry(row)
        .ifPresent(
            time -> {
              byte[] name = Bytes.of(session);
              all.add(
                  time == WritableTable.NEVER
                      ? commands -> commands.hdel(own.expiry(), name)
                      : commands -> commands.hset(own.expiry(), name, Bytes.of(time)));
            });
    return all;
  }

  private byte[] counted(byte[] value) {
    pendingBytes += value.length;
    return value;
  }

  @Override
  public void reject(String sessionId, String reason) {
    rejected.add(new Rejected(sessionId == null ? "" : sessionId, reason, null));
  }

  private void flush() {
    if (pending.isEmpty()) {
      return;
    }
    List<RedisFuture<String>> types = new ArrayList<>();
    pending.forEach(row -> types.add(transactions.commands().type(row.key.key())));
    List<Transactions.Command> all = new ArrayList<>();
    // First of all a key of ours: by it the transaction is known for our work.
    all.add(commands -> commands.hincrby(own.itself(), WRITTEN, pending.size()));
    for (int i = 0; i < pending.size(); i++) {
      Pending row = pending.get(i);
      String type = transactions.await(types.get(i), WRITING);
      String wrong = row.key.table().type() == KeyRule.Type.KEY ? "" : row.key.wrong(type);
      if (wrong.isEmpty()) {
        all.addAll(row.commands);
      } else {
        rejected.add(new Rejected(row.entity.sessionId(), wrong, row.entity));
      }
    }
    commit(all);
    clear();
  }

  private List<RedisFuture<?>> commit(List<Transactions.Command> all) {
    try {
      List<RedisFuture<?>> answers = transactions.commit(all, WRITING);
      answers.forEach(answer -> transactions.await(answer, WRITING));
      return answers;
    } catch (Transactions.Unanswered e) {
      // Whether it was done or not, it is done again.
      close();
      throw e.fault();
    } catch (SystemFault e) {
      close();
      throw e;
    }
  }

  @Override
  public List<Rejected> finish() {
    flush();
    Failpoint.SNAPSHOT_BEFORE_LEDGER.hit();
    return List.copyOf(rejected);
  }

  @Override
  public void commit(long rows) {
    List<Transactions.Command> all = new ArrayList<>();
    if (chunk.id() >= 0) {
      byte[] id = Bytes.of(chunk.id());
      byte[] count = Bytes.of(rows - rejected.size());
      all.add(commands -> commands.hsetnx(own.done(), id, count));
    }
    for (Rejected reject : rejected) {
      all.addAll(new ParkedHashes(own).park(reject.sessionId(), reject.reason(), 1));
    }
    Failpoint.SNAPSHOT_BEFORE_COMMIT.hit();
    if (all.isEmpty()) {
      return;
    }
    List<RedisFuture<?>> answers = commit(all);
    if (chunk.id() >= 0 && Boolean.FALSE.equals(transactions.await(answers.get(0), WRITING))) {
      throw SystemFault.fenced("chunk " + chunk.id() + " was written by another process");
    }
  }

  @Override
  public void rollback() {
    clear();
  }

  @Override
  public void close() {
    if (transactions != null) {
      transactions.close();
      transactions = null;
    }
  }
}
