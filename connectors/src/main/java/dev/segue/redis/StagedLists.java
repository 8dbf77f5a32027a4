package dev.segue.redis;

import dev.segue.canonical.Kind;
import dev.segue.layout.KeyRule;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.SystemFault;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the copying of history: rows of a list come in no order, so they wait beside it until all
 * are there. Each list is made in one transaction that takes away what waited, so this can be ended
 * at any place and begun again. Then keys get their time of expiry.
 */
final class StagedLists {
  private static final Logger LOG = LoggerFactory.getLogger(StagedLists.class);

  /** So many sessions are in memory at a time. */
  private static final int TOGETHER = 32;

  private static final byte[] SETTLED = Bytes.of("settled");
  private static final String MAKING = "making lists of history";

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<Kind, WritableTable> tables;

  StagedLists(
      RedisConnections connections, RedisKeys keys, OwnKeys own, Map<Kind, WritableTable> tables) {
    this.connections = connections;
    this.keys = keys;
    this.own = own;
    this.tables = tables;
  }

  /** Does what is left to be done. */
  void settle() {
    try (Transactions transactions = new Transactions(connections)) {
      long lists = 0;
      for (WritableTable table : tables.values()) {
        if (table.type() == KeyRule.Type.LIST) {
          lists += settle(table, transactions);
        }
      }
      boolean settled =
          transactions.await(transactions.commands().hexists(own.itself(), SETTLED), MAKING);
      if (lists > 0 || !settled) {
        expire(transactions);
        commit(
            transactions, List.of(commands -> commands.hset(own.itself(), SETTLED, Bytes.of(1))));
        LOG.atInfo().addKeyValue("lists", lists).log("history is in its keys");
      }
    } catch (Transactions.Unanswered e) {
      throw e.fault();
    }
  }

  private static void commit(Transactions transactions, List<Transactions.Command> commands) {
    List<RedisFuture<?>> answers = transactions.commit(commands, MAKING);
    if (answers.isEmpty()) {
      throw SystemFault.passing("somebody else wrote to keys while history was settled", null);
    }
    answers.forEach(answer -> transactions.await(answer, MAKING));
  }

  private long settle(WritableTable table, Transactions transactions) {
    byte[] waiting = own.staged(table.table().name());
    long lists = 0;
    while (true) {
      List<byte[]> sessions =
          transactions.await(transactions.commands().srandmember(waiting, TOGETHER), MAKING);
      if (sessions.isEmpty()) {
        return lists;
      }
      make(table, sessions.stream().map(Bytes::text).toList(), transactions);
      lists += sessions.size();
    }
  }

  private void make(WritableTable table, List<String> sessions, Transactions transactions) {
    String name = table.table().name();
    Map<String, ListState> states = new LinkedHashMap<>();
    Map<String, RedisFuture<Map<byte[], byte[]>>> staged = new LinkedHashMap<>();
    List<byte[]> watched = new ArrayList<>();
    for (String session : sessions) {
      WantedKey wanted = new WantedKey(table, session, table.key(session));
      wanted.needAll();
      states.put(session, new ListState(wanted, own));
      watched.add(wanted.key());
      watched.add(own.staged(name, session));
    }
    transactions.watch(watched);
    for (String session : sessions) {
      staged.put(session, transactions.commands().hgetall(own.staged(name, session)));
    }
    List<KeyState> open = new ArrayList<>(states.values());
    while (!open.isEmpty()) {
      open.forEach(state -> state.ask(transactions));
      open.removeIf(state -> !state.take(transactions));
    }
    List<Transactions.Command> all = new ArrayList<>();
    for (String session : sessions) {
      byte[] member = Bytes.of(session);
      all.add(commands -> commands.srem(own.staged(name), member));
      all.add(commands -> commands.del(own.staged(name, session)));
      List<StagedElement> elements = new ArrayList<>();
      transactions
          .await(staged.get(session), MAKING)
          .forEach((id, value) -> elements.add(StagedElement.of(id, value)));
      all.addAll(filled(table, session, states.get(session), elements));
    }
    commit(transactions, all);
  }

  private List<Transactions.Command> filled(
      WritableTable table, String session, ListState state, List<StagedElement> elements) {
    try {
      ElementOrder.sort(elements).forEach(one -> state.put(one.order().id(), one.text()));
    } catch (UnmappableRowException e) {
      return new ParkedHashes(own)
          .park(table.writer().sessionIdOf(session), e.getMessage(), elements.size());
    }
    List<Transactions.Command> all = new ArrayList<>();
    state.commands(all::add);
    return all;
  }

  private void expire(Transactions transactions) {
    ScanArgs arguments = ScanArgs.Builder.limit(500);
    MapScanCursor<byte[], byte[]> cursor =
        transactions.await(transactions.commands().hscan(own.expiry(), arguments), MAKING);
    while (true) {
      List<Transactions.Command> all = new ArrayList<>();
      cursor
          .getMap()
          .forEach(
              (session, time) -> {
                long at = Long.parseLong(Bytes.text(time));
                for (byte[] key : Expiries.allKeys(keys, Bytes.text(session))) {
                  all.add(commands -> commands.pexpireat(key, at));
                }
              });
      if (!all.isEmpty()) {
        // First of all a key of ours: by it the transaction is known for our work.
        all.add(0, commands -> commands.hincrby(own.itself(), Bytes.of("expiring"), 1));
        commit(transactions, all);
      }
      if (cursor.isFinished()) {
        return;
      }
      cursor =
          transactions.await(
              transactions.commands().hscan(own.expiry(), cursor, arguments), MAKING);
    }
  }
}
