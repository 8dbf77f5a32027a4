package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Timestamps;
import dev.segue.layout.KeyRule;
import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Reads keys as of a place in the replication stream: the values and the place are asked for in one
 * transaction of the server, during which it does nothing else. Used by one thread.
 */
final class RedisReader implements AutoCloseable {
  /** So many keys are read together; the server does nothing else meanwhile. */
  private static final int TOGETHER = 48;

  /** So many where their values are not asked for. */
  private static final int LIGHT = 200;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final RedisConnections connections;
  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final RedisAsyncCommands<byte[], byte[]> commands;
  private final boolean tellsExpiry;
  private final Optional<OwnKeys> own;

  RedisReader(RedisConnections connections) {
    this(connections, Optional.empty());
  }

  /**
   * @param own where it is entered what elements of lists are called; empty if nobody enters it
   */
  RedisReader(RedisConnections connections, Optional<OwnKeys> own) {
    this.connections = connections;
    this.own = own;
    this.connection = connections.open();
    this.commands = connection.async();
    try {
      this.tellsExpiry = tellsExpiry(connection.sync().info("server"));
    } catch (RedisException e) {
      connection.close();
      throw RedisFaults.translate(e, "asking " + connections.describe() + " for its version");
    }
    connection.setAutoFlushCommands(false);
  }

  /** Whether a server tells the moment when a key expires, as it does from version 7 on. */
  static boolean tellsExpiry(String server) {
    return server
        .lines()
        .filter(line -> line.startsWith("redis_version:"))
        .anyMatch(line -> !line.matches("redis_version:[0-6]\\..*"));
  }

  /** What keys held when the stream was at a place. */
  record Reading(ReplicationInfo at, List<Content> contents) {}

  /**
   * Reads keys; those that are read together are as of one place.
   *
   * @param withValues false if only whether they are there and when they expire is asked for
   */
  void read(Collection<RedisKeys.Meant> keys, boolean withValues, Consumer<Reading> consumer) {
    List<RedisKeys.Meant> all = List.copyOf(keys);
    try {
      int together = withValues ? TOGETHER : LIGHT;
      for (int from = 0; from < all.size(); from += together) {
        List<RedisKeys.Meant> some = all.subList(from, Math.min(all.size(), from + together));
        consumer.accept(read(some, withValues));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("reading was interrupted", e);
    } catch (ExecutionException | TimeoutException | RedisException e) {
      throw RedisFaults.translate(e, "reading keys of " + connections.describe());
    }
  }

  /** Where the stream is now. */
  long offset() {
    RedisFuture<String> info = commands.info("replication");
    connection.flushCommands();
    try {
      return ReplicationInfo.parse(info.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).offset();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("reading was interrupted", e);
    } catch (ExecutionException | TimeoutException | RedisException e) {
      throw RedisFaults.translate(e, "reading from " + connections.describe());
    }
  }

  /**
   * What one key is asked.
   *
   * @param expiry the moment when it expires, or where the server does not tell that the time that
   *     is left; negative if it does not expire; null if no row tells it
   * @param before the server's clock; null where it is not needed
   * @param entries what elements are called; null where nobody enters it
   */
  private record Asked(
      RedisKeys.Meant meant,
      RedisFuture<String> type,
      RedisFuture<List<byte[]>> before,
      RedisFuture<Long> expiry,
      RedisFuture<List<byte[]>> after,
      RedisFuture<?> value,
      RedisFuture<Map<byte[], byte[]>> entries) {

    /** The time of expiry is exact where the clock stood still while it was asked for. */
    boolean isExact() throws ExecutionException, InterruptedException {
      return before == null || expiry.get() < 0 || millis(before.get()) == millis(after.get());
    }

    String expiresAt() throws ExecutionException, InterruptedException {
      long time = expiry == null ? -1 : expiry.get();
      return time < 0 ? null : timestamp(before == null ? time : millis(before.get()) + time);
    }
  }

  private Reading read(List<RedisKeys.Meant> keys, boolean withValues)
      throws InterruptedException, ExecutionException, TimeoutException {
    while (true) {
      RedisFuture<String> begun = commands.multi();
      List<Asked> asked = new ArrayList<>(keys.size());
      for (RedisKeys.Meant meant : keys) {
        asked.add(ask(meant, withValues));
      }
      RedisFuture<String> info = commands.info("replication");
      RedisFuture<TransactionResult> done = commands.exec();
      connection.flushCommands();
      begun.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      done.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      ReplicationInfo at = ReplicationInfo.parse(info.get());
      List<Content> contents = new ArrayList<>(keys.size());
      boolean exact = true;
      for (Asked one : asked) {
        exact &= one.isExact();
        contents.add(content(one));
      }
      if (exact) {
        return new Reading(at, contents);
      }
    }
  }

  private Asked ask(RedisKeys.Meant meant, boolean withValue) {
    byte[] key = meant.key().getBytes(UTF_8);
    RedisFuture<String> type = commands.type(key);
    boolean left = meant.tellsExpiry() && !tellsExpiry;
    RedisFuture<List<byte[]>> before = left ? commands.time() : null;
    RedisFuture<Long> expiry =
        left ? commands.pttl(key) : meant.tellsExpiry() ? commands.pexpiretime(key) : null;
    RedisFuture<List<byte[]>> after = left ? commands.time() : null;
    KeyRule.Type kind = withValue ? meant.type().orElse(KeyRule.Type.KEY) : KeyRule.Type.KEY;
    RedisFuture<?> value =
        switch (kind) {
          case HASH, MAP -> commands.hgetall(key);
          case LIST -> commands.lrange(key, 0, -1);
          case STRING -> commands.get(key);
          case KEY -> null;
        };
    RedisFuture<Map<byte[], byte[]>> entries =
        own.isPresent() && kind == KeyRule.Type.LIST
            ? commands.hgetall(own.get().places(listTable(meant), meant.session()))
            : null;
    return new Asked(meant, type, before, expiry, after, value, entries);
  }

  private static String listTable(RedisKeys.Meant meant) {
    return meant.tables().stream()
        .filter(table -> table.rule().type() == KeyRule.Type.LIST)
        .findFirst()
        .orElseThrow()
        .name();
  }

  @SuppressWarnings("unchecked") // the type of the value follows from the type of the key
  private static Content content(Asked asked) throws ExecutionException, InterruptedException {
    Object value = null;
    try {
      value = asked.value == null ? null : asked.value.get();
    } catch (ExecutionException e) {
      // Of another type than its layout says, which the type itself tells.
      if (!String.valueOf(e.getCause().getMessage()).startsWith("WRONGTYPE")) {
        throw e;
      }
    }
    return new Content(
        asked.meant,
        asked.type.get(),
        asked.expiresAt(),
        value instanceof List<?> list ? (List<byte[]>) list : List.of(),
        value instanceof Map<?, ?> map ? (Map<byte[], byte[]>) map : Map.of(),
        value instanceof byte[] text ? text : null,
        asked.entries == null ? Places.Entries.NONE : Places.Entries.of(asked.entries.get()));
  }

  /** What {@code TIME} answers, in milliseconds since 1970. */
  static long millis(List<byte[]> time) {
    return Long.parseLong(new String(time.get(0), UTF_8)) * 1000
        + Long.parseLong(new String(time.get(1), UTF_8)) / 1000;
  }

  static String timestamp(long millis) {
    return Timestamps.format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
  }

  @Override
  public void close() {
    connection.close();
  }
}
