package dev.segue.redis;

import dev.segue.layout.KeyRule;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * When sessions expire. All keys of a session do at once; it is remembered, so that a key that is
 * made later does too.
 */
final class Expiries {
  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<String, Long> stored = new HashMap<>();
  private final Map<String, Long> told = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();
  private RedisFuture<List<KeyValue<byte[], byte[]>>> asked;

  Expiries(RedisKeys keys, OwnKeys own) {
    this.keys = keys;
    this.own = own;
  }

  /** Asks for what is remembered of some sessions. */
  void ask(Transactions transactions, Collection<String> sessions) {
    if (!sessions.isEmpty()) {
      asked =
          transactions
              .commands()
              .hmget(own.expiry(), sessions.stream().map(Bytes::of).toArray(byte[][]::new));
    }
  }

  void take(Transactions transactions) {
    if (asked != null) {
      for (KeyValue<byte[], byte[]> time : transactions.await(asked, "reading times of expiry")) {
        time.ifHasValue(
            value -> stored.put(Bytes.text(time.getKey()), Long.parseLong(Bytes.text(value))));
      }
    }
  }

  /** A row says when its session expires, in milliseconds since 1970, or never. */
  void tell(String session, long time) {
    told.put(session, time);
    deleted.remove(session);
  }

  /** The row that would say it is gone. */
  void forget(String session) {
    told.remove(session);
    deleted.add(session);
  }

  private long of(String session) {
    long remembered = stored.getOrDefault(session, WritableTable.NEVER);
    return deleted.contains(session) ? WritableTable.NEVER : told.getOrDefault(session, remembered);
  }

  /**
   * The commands that make it so, behind all others.
   *
   * @param written keys that were written, by session
   */
  void commands(Map<String, List<byte[]>> written, Consumer<Transactions.Command> consumer) {
    Set<String> sessions = new HashSet<>(written.keySet());
    sessions.addAll(told.keySet());
    sessions.addAll(deleted);
    for (String session : sessions) {
      long time = of(session);
      boolean changed = time != stored.getOrDefault(session, WritableTable.NEVER);
      if (changed) {
        remember(session, time, consumer);
      }
      boolean all = changed && !deleted.contains(session);
      for (byte[] key : all ? allKeys(session) : written.getOrDefault(session, List.of())) {
        if (time != WritableTable.NEVER) {
          consumer.accept(commands -> commands.pexpireat(key, time));
        } else if (all) {
          consumer.accept(commands -> commands.persist(key));
        }
      }
    }
  }

  private void remember(String session, long time, Consumer<Transactions.Command> consumer) {
    byte[] name = Bytes.of(session);
    if (time == WritableTable.NEVER) {
      consumer.accept(commands -> commands.hdel(own.expiry(), name));
    } else {
      consumer.accept(commands -> commands.hset(own.expiry(), name, Bytes.of(time)));
    }
  }

  private List<byte[]> allKeys(String session) {
    return allKeys(keys, own, session);
  }

  /** All keys that a session can have, ours beside its lists included. */
  static List<byte[]> allKeys(RedisKeys keys, OwnKeys own, String session) {
    List<byte[]> all = new ArrayList<>();
    for (RedisKeys.Meant meant : keys.ofSession(session)) {
      all.add(Bytes.of(meant.key()));
      meant.tables().stream()
          .filter(table -> table.rule().type() == KeyRule.Type.LIST)
          .forEach(table -> all.add(own.places(table.name(), session)));
    }
    return all;
  }
}
