package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.canonical.JsonText;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import dev.segue.spi.LedgerFacts;
import dev.segue.spi.SystemFault;
import dev.segue.spi.TableProgress;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** The bookkeeping of a migration, in keys of our own beside those of the rows. */
final class RedisLedger implements Ledger {
  private static final ObjectMapper JSON = new ObjectMapper(JsonText.FACTORY);
  private static final int POLL_MS = 5;

  /** So many lines of the journal are kept. */
  private static final long JOURNAL = 10_000;

  private final RedisConnections connections;
  private final OwnKeys keys;
  private final boolean isHome;

  RedisLedger(RedisConnections connections, OwnKeys keys) {
    this(connections, keys, false);
  }

  /**
   * @param isHome whether rows are brought home here. What was brought for sessions that are given
   *     back has to survive a crash, for nobody may bring it again
   */
  RedisLedger(RedisConnections connections, OwnKeys keys, boolean isHome) {
    this.connections = connections;
    this.keys = keys;
    this.isHome = isHome;
  }

  @Override
  public Optional<Migration> find(String name) {
    return LedgerFacts.migration(
        connections.with(
            "reading the ledger", commands -> texts(commands.hgetall(new OwnKeys(name).itself()))));
  }

  /** Fields of a hash of our own. */
  static Map<String, String> texts(Map<byte[], byte[]> bytes) {
    Map<String, String> texts = new HashMap<>();
    bytes.forEach((name, value) -> texts.put(Bytes.text(name), Bytes.text(value)));
    return texts;
  }

  private Transactions.Command set(Map<String, String> facts) {
    return commands -> commands.hset(keys.itself(), Fields.of(facts));
  }

  /** Does commands in one transaction, whatever others do meanwhile. */
  private void transact(String doing, List<Transactions.Command> commands) {
    try (Transactions transactions = new Transactions(connections)) {
      transactions.commit(commands, doing).forEach(answer -> transactions.await(answer, doing));
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
  }

  @Override
  public Migration open(Identity identity) {
    Optional<Migration> known = find(identity.name());
    if (known.isEmpty()) {
      create(identity);
      known = find(identity.name());
    }
    identity.checkSame(known.orElseThrow().identity());
    return known.orElseThrow();
  }

  private void create(Identity identity) {
    Map<String, String> applied = new LinkedHashMap<>();
    for (int i = 0; i < identity.partitions(); i++) {
      applied.put(Integer.toString(i), AppliedState.start(i).line());
    }
    transact(
        "opening the ledger",
        List.of(
            set(LedgerFacts.begun(identity)),
            commands -> commands.hset(keys.applied(), Fields.of(applied))));
  }

  private List<Transactions.Command> journalled(String what, String detail) {
    byte[] line = LedgerFacts.journalLine(what, detail).getBytes(UTF_8);
    return List.of(
        commands -> commands.lpush(keys.journal(), line),
        commands -> commands.ltrim(keys.journal(), 0, JOURNAL - 1));
  }

  @Override
  public void enter(String phase, String detail) {
    List<Transactions.Command> all = new ArrayList<>(journalled(phase, detail));
    all.add(set(LedgerFacts.entered(phase)));
    transact("entering phase " + phase, all);
  }

  @Override
  public void note(String what, String detail) {
    transact("writing the journal", journalled(what, detail));
  }

  @Override
  public void prepared(Cutoff cutoff, List<Chunk> chunks, List<TableProgress> estimates) {
    List<Transactions.Command> all = new ArrayList<>();
    all.add(set(LedgerFacts.prepared(cutoff)));
    for (Chunk chunk : chunks) {
      byte[] id = Bytes.of(chunk.id());
      all.add(commands -> commands.hset(keys.chunks(), id, json(chunk)));
    }
    for (TableProgress table : estimates) {
      all.add(commands -> commands.rpush(keys.estimates(), json(table)));
    }
    transact("recording the cutoff", all);
  }

  private static byte[] json(Chunk chunk) {
    ObjectNode json = JSON.createObjectNode();
    json.put("table", chunk.table()).put("part", chunk.part());
    json.put("from", chunk.from()).put("to", chunk.to()).put("bytes", chunk.bytes());
    return json.toString().getBytes(UTF_8);
  }

  private static byte[] json(TableProgress table) {
    ObjectNode json = JSON.createObjectNode();
    json.put("table", table.table()).put("rows", table.estimatedRows());
    json.put("bytes", table.bytes());
    return json.toString().getBytes(UTF_8);
  }

  /** Reads what we wrote. */
  static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw SystemFault.permanent(
          "the ledger holds what no Segue wrote: it is not JSON",
          "somebody else wrote to keys that begin with segue: — restore them, or start over with an"
              + " empty target and a new name");
    }
  }

  @Override
  public void snapshotResumed(Cutoff cutoff) {
    transact("recording a later snapshot", List.of(set(LedgerFacts.resumed(cutoff))));
  }

  @Override
  public void bindTopic(String topicId) {
    String bound =
        connections.with(
            "binding the topic",
            commands -> {
              byte[] field = LedgerFacts.TOPIC.getBytes(UTF_8);
              commands.hsetnx(keys.itself(), field, topicId.getBytes(UTF_8));
              return Bytes.text(commands.hget(keys.itself(), field));
            });
    Ledger.checkTopic(topicId, bound);
  }

  @Override
  public List<ChunkState> chunks() {
    return connections.with(
        "reading chunks",
        commands -> {
          Map<String, String> done = texts(commands.hgetall(keys.done()));
          List<ChunkState> states = new ArrayList<>();
          texts(commands.hgetall(keys.chunks()))
              .forEach(
                  (id, json) -> {
                    JsonNode chunk = tree(json);
                    states.add(
                        new ChunkState(
                            new Chunk(
                                Integer.parseInt(id),
                                chunk.path("table").asText(),
                                chunk.path("part").asText(),
                                chunk.path("from").asLong(),
                                chunk.path("to").asLong(),
                                chunk.path("bytes").asLong()),
                            done.containsKey(id),
                            Long.parseLong(done.getOrDefault(id, "0"))));
                  });
          states.sort(Comparator.comparingInt(state -> state.chunk().id()));
          return states;
        });
  }

  @Override
  public List<TableProgress> estimates() {
    return connections.with(
        "reading snapshot tables",
        commands ->
            commands.lrange(keys.estimates(), 0, -1).stream()
                .map(bytes -> tree(Bytes.text(bytes)))
                .map(
                    table ->
                        new TableProgress(
                            table.path("table").asText(),
                            0,
                            table.path("rows").asLong(),
                            0,
                            table.path("bytes").asLong()))
                .toList());
  }

  @Override
  public List<AppliedState> applied() {
    return connections.with(
        "reading applied positions",
        commands -> {
          List<AppliedState> states = new ArrayList<>();
          texts(commands.hgetall(keys.applied()))
              .forEach(
                  (partition, text) ->
                      states.add(AppliedState.ofLine(Integer.parseInt(partition), text)));
          states.sort(Comparator.comparingInt(AppliedState::partition));
          return states;
        });
  }

  /** How a set remembers that a partition has passed a barrier. */
  static byte[] barrier(String nonce, int partition) {
    return (nonce + " " + partition).getBytes(UTF_8);
  }

  @Override
  public boolean await(String nonce, Duration most) throws InterruptedException {
    long until = System.nanoTime() + most.toNanos();
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.open()) {
      int partitions = partitions(connection.sync());
      while (!hasPassed(connection, nonce, partitions)) {
        if (System.nanoTime() > until) {
          return false;
        }
        Thread.sleep(POLL_MS);
      }
      return !isHome || disk(connection.sync(), until);
    } catch (RedisException | CompletionException | CancellationException e) {
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      throw RedisFaults.translate(
          cause, "waiting for a mark in the ledger of " + connections.describe());
    }
  }

  /** Waits until a crash takes nothing back of what was accepted; false if the time is up first. */
  private static boolean disk(RedisCommands<byte[], byte[]> commands, long until)
      throws InterruptedException {
    Duration wait = DiskWriting.of(commands).behind();
    if (System.nanoTime() + wait.toNanos() > until) {
      return false;
    }
    Thread.sleep(wait.toMillis());
    return true;
  }

  private int partitions(RedisCommands<byte[], byte[]> commands) {
    byte[] count = commands.hget(keys.itself(), LedgerFacts.PARTITIONS.getBytes(UTF_8));
    return count == null ? Integer.MAX_VALUE : Integer.parseInt(Bytes.text(count));
  }

  private boolean hasPassed(
      StatefulRedisConnection<byte[], byte[]> connection, String nonce, int partitions) {
    if (partitions == Integer.MAX_VALUE) {
      return false;
    }
    List<RedisFuture<Boolean>> answers = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      answers.add(connection.async().sismember(keys.barriers(), barrier(nonce, i)));
    }
    return answers.stream().allMatch(answer -> answer.toCompletableFuture().join());
  }

  @Override
  public void forget(String nonce) {
    connections.with(
        "forgetting a mark",
        commands -> {
          int partitions = partitions(commands);
          for (int i = 0; partitions < Integer.MAX_VALUE && i < partitions; i++) {
            commands.srem(keys.barriers(), barrier(nonce, i));
          }
          return null;
        });
  }

  @Override
  public List<Parked> parked() {
    return connections.with("reading parked sessions", new ParkedHashes(keys)::read);
  }

  @Override
  public boolean discard(String sessionId, String reason, String requestedBy) {
    byte[] name = sessionId.getBytes(UTF_8);
    boolean isParked =
        connections.with(
            "discarding dead letters", commands -> commands.hexists(keys.parked(), name));
    if (isParked) {
      List<Transactions.Command> all =
          new ArrayList<>(
              journalled("discarded", sessionId + ", by " + requestedBy + ": " + reason));
      all.add(commands -> commands.hset(keys.discarded(), name, reason.getBytes(UTF_8)));
      transact("discarding dead letters", all);
    }
    return isParked;
  }

  @Override
  public List<String> journal(int lines) {
    return connections.with(
        "reading the journal",
        commands ->
            commands.lrange(keys.journal(), 0, lines - 1L).stream().map(Bytes::text).toList());
  }
}
