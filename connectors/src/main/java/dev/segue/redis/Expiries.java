package dev.segue.redis;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * When the keys of sessions expire. A row that tells it has all keys of its session do so. Where
 * none does, a key keeps the time that it has, which its application may have set, and a new one
 * takes that of its session. What was told last is remembered for a session that has no key yet.
 */
final class Expiries {
  private static final String READING = "reading times of expiry";

  /** What {@code PTTL} and {@code PEXPIRETIME} say of a key that is not there. */
  private static final long MISSING = -2;

  private final RedisKeys keys;
  private final OwnKeys own;
  private final Map<String, Long> stored = new HashMap<>();
  private final Map<String, Map<String, Long>> held = new HashMap<>();
  private final Map<String, Long> told = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();
  private final Map<String, Map<String, RedisFuture<Long>>> askedKeys = new HashMap<>();
  private RedisFuture<List<KeyValue<byte[], byte[]>>> asked;
  private RedisFuture<List<byte[]>> askedTime;

  Expiries(RedisKeys keys, OwnKeys own) {
    this.keys = keys;
    this.own = own;
  }

  /** Asks for what is remembered of some sessions, and for what their keys say. */
  void ask(Transactions transactions, Collection<String> sessions) {
    if (sessions.isEmpty()) {
      return;
    }
    var commands = transactions.commands();
    asked = commands.hmget(own.expiry(), sessions.stream().map(Bytes::of).toArray(byte[][]::new));
    boolean exact = transactions.tellsExpiry();
    for (String session : sessions) {
      Map<String, RedisFuture<Long>> some = new LinkedHashMap<>();
      for (RedisKeys.Meant meant : keys.ofSession(session)) {
        byte[] key = Bytes.of(meant.key());
        some.put(meant.key(), exact ? commands.pexpiretime(key) : commands.pttl(key));
      }
      askedKeys.put(session, some);
    }
    askedTime = exact ? null : commands.time();
  }

  void take(Transactions transactions) {
    if (asked == null) {
      return;
    }
    for (KeyValue<byte[], byte[]> time : transactions.await(asked, READING)) {
      time.ifHasValue(
          value -> stored.put(Bytes.text(time.getKey()), Long.parseLong(Bytes.text(value))));
    }
    long now = askedTime == null ? 0 : RedisReader.millis(transactions.await(askedTime, READING));
    askedKeys.forEach(
        (session, some) -> {
          Map<String, Long> there = new LinkedHashMap<>();
          some.forEach(
              (key, answer) -> {
                long time = transactions.await(answer, READING);
                if (time != MISSING) {
                  there.put(key, time < 0 ? WritableTable.NEVER : now + time);
                }
              });
          held.put(session, there);
        });
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
      Set<String> changed = new LinkedHashSet<>();
      written.getOrDefault(session, List.of()).forEach(key -> changed.add(Bytes.text(key)));
      if (deleted.contains(session)) {
        remember(session, WritableTable.NEVER, consumer);
      } else if (told.containsKey(session)) {
        remember(session, told.get(session), consumer);
        changed.addAll(held.getOrDefault(session, Map.of()).keySet());
        changed.forEach(key -> set(key, told.get(session), consumer));
      } else {
        // Some commands take a key's time away.
        Map<String, Long> there = held.getOrDefault(session, Map.of());
        changed.stream()
            .filter(key -> timeOf(session, key, there) != WritableTable.NEVER)
            .forEach(key -> set(key, timeOf(session, key, there), consumer));
      }
    }
  }

  private long timeOf(String session, String key, Map<String, Long> there) {
    // The session's own key is the first of them.
    return Optional.ofNullable(there.get(key))
        .or(() -> there.values().stream().findFirst())
        .orElseGet(() -> stored.getOrDefault(session, WritableTable.NEVER));
  }

  private static void set(String key, long time, Consumer<Transactions.Command> consumer) {
    byte[] name = Bytes.of(key);
    consumer.accept(
        commands ->
            time == WritableTable.NEVER ? commands.persist(name) : commands.pexpireat(name, time));
  }

  private void remember(String session, long time, Consumer<Transactions.Command> consumer) {
    if (time == stored.getOrDefault(session, WritableTable.NEVER)) {
      return;
    }
    byte[] name = Bytes.of(session);
    if (time == WritableTable.NEVER) {
      consumer.accept(commands -> commands.hdel(own.expiry(), name));
    } else {
      consumer.accept(commands -> commands.hset(own.expiry(), name, Bytes.of(time)));
    }
  }

  /**
   * All keys that a session can have. What is entered beside its lists is not among them: it has to
   * stay as long as they do, whose time the application moves on.
   */
  static List<byte[]> allKeys(RedisKeys keys, String session) {
    return keys.ofSession(session).stream().map(meant -> Bytes.of(meant.key())).toList();
  }
}
