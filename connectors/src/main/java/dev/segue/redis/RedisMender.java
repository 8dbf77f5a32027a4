package dev.segue.redis;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.KeyRule;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.spi.Mender;
import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Writes whole sessions: all their keys are made anew, in one transaction. */
final class RedisMender implements Mender {
  private static final byte[] MENDED = Bytes.of("mended");

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<Kind, WritableTable> tables;

  RedisMender(
      RedisConnections connections, RedisKeys keys, OwnKeys own, Map<Kind, WritableTable> tables) {
    this.connections = connections;
    this.keys = keys;
    this.own = own;
    this.tables = tables;
  }

  @Override
  public Map<String, String> mend(Map<String, List<Entity>> sessions, BooleanSupplier mayCommit) {
    Map<String, String> refused = new HashMap<>();
    List<Transactions.Command> all = new ArrayList<>();
    // First of all a key of ours: by it the transaction is known for our work.
    all.add(commands -> commands.hincrby(own.itself(), MENDED, 1));
    try (Transactions transactions = new Transactions(connections)) {
      watch(transactions, sessions.keySet(), refused);
      Map<String, Map<Kind, KeyState>> held = read(transactions, sessions.keySet(), refused);
      held.forEach(
          (session, states) -> {
            try {
              all.addAll(write(session, states, sessions.get(session)));
              all.addAll(new ParkedHashes(own).release(session));
            } catch (UnmappableRowException | MalformedRecordException e) {
              refused.put(session, e.getMessage());
            }
          });
      if (!mayCommit.getAsBoolean()) {
        transactions.unwatch();
        throw SystemFault.passing(
            "reading the sessions took longer than their writers may be refused", null);
      }
      List<RedisFuture<?>> answers = transactions.commit(all, "writing sessions anew");
      if (answers.isEmpty()) {
        throw SystemFault.passing(
            "somebody else wrote to sessions that were written anew on " + connections.describe(),
            null);
      }
      Refusals.check(answers, connections.describe());
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
    return refused;
  }

  private String spelled(String session) {
    return tables.values().iterator().next().writer().sessionText(session);
  }

  private void watch(
      Transactions transactions, Collection<String> sessions, Map<String, String> refused) {
    List<byte[]> watched = new ArrayList<>();
    for (String session : sessions) {
      try {
        watched.addAll(Expiries.allKeys(keys, spelled(session)));
      } catch (MalformedRecordException e) {
        refused.put(session, "its id " + e.getMessage());
      }
    }
    transactions.watch(watched);
  }

  /** What the keys of sessions hold now. */
  private Map<String, Map<Kind, KeyState>> read(
      Transactions transactions, Collection<String> sessions, Map<String, String> refused) {
    Map<String, Map<Kind, KeyState>> held = new LinkedHashMap<>();
    List<KeyState> open = new ArrayList<>();
    for (String session : sessions) {
      Map<Kind, KeyState> states = new EnumMap<>(Kind.class);
      try {
        for (WritableTable table : tables.values()) {
          WantedKey wanted = new WantedKey(table, spelled(session), table.key(spelled(session)));
          wanted.needAll();
          if (table.type() != KeyRule.Type.KEY) {
            states.put(table.kind(), KeyState.of(wanted, own));
          }
        }
        held.put(session, states);
        open.addAll(states.values());
      } catch (UnmappableRowException | MalformedRecordException e) {
        refused.put(session, e.getMessage());
      }
    }
    while (!open.isEmpty()) {
      open.forEach(state -> state.ask(transactions));
      open.removeIf(state -> !state.take(transactions));
    }
    return held;
  }

  private List<Transactions.Command> write(
      String session, Map<Kind, KeyState> states, List<Entity> entities) {
    String spelled = spelled(session);
    Map<Kind, List<Entity>> byKind = new EnumMap<>(Kind.class);
    entities.forEach(
        entity -> byKind.computeIfAbsent(entity.kind(), unused -> new ArrayList<>()).add(entity));
    List<Transactions.Command> all = new ArrayList<>();
    OptionalLong expiry = OptionalLong.empty();
    for (WritableTable table : tables.values()) {
      List<Written> rows = new ArrayList<>();
      Set<String> ids = new HashSet<>();
      for (Entity entity :
          ElementOrder.sortEntities(byKind.getOrDefault(table.kind(), List.of()))) {
        for (Written row : table.rows(entity)) {
          rows.add(row);
          if (!ids.add(table.id(row, spelled)) && table.table().elementColumn().isPresent()) {
            throw new UnmappableRowException("two rows of table " + table + " have the same id");
          }
          expiry = table.expiry(row).isPresent() ? table.expiry(row) : expiry;
        }
      }
      KeyState state = states.get(table.kind());
      if (state != null) {
        state.retain(rows);
        rows.forEach(row -> state.upsert(row, false));
        // Those that were missing are to stand where they belong.
        state.retain(rows);
        state.commands(all::add);
      }
    }
    all.addAll(expiry(spelled, expiry));
    return all;
  }

  private List<Transactions.Command> expiry(String session, OptionalLong told) {
    List<Transactions.Command> all = new ArrayList<>();
    byte[] name = Bytes.of(session);
    long time = told.orElse(WritableTable.NEVER);
    if (time == WritableTable.NEVER) {
      all.add(commands -> commands.hdel(own.expiry(), name));
      for (byte[] key : told.isPresent() ? Expiries.allKeys(keys, session) : List.<byte[]>of()) {
        all.add(commands -> commands.persist(key));
      }
    } else {
      all.add(commands -> commands.hset(own.expiry(), name, Bytes.of(time)));
      for (byte[] key : Expiries.allKeys(keys, session)) {
        all.add(commands -> commands.pexpireat(key, time));
      }
    }
    return all;
  }
}
