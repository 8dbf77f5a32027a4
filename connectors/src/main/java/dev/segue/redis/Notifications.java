package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Which keys were written to, and our marks in between, as a server publishes them. As long as the
 * connection lasts they come in the order of what happened; what is published while there is none
 * is lost.
 */
final class Notifications implements AutoCloseable {
  /** So many keys that nobody took yet are too many: then all are read instead. */
  private static final int MOST_WAITING = 1_000_000;

  private final RedisConnections connections;
  private final String channel;
  private final int keyAt;
  private final StatefulRedisPubSubConnection<byte[], byte[]> connection;
  private final BlockingQueue<Said> queue = new LinkedBlockingQueue<>(MOST_WAITING);
  private volatile boolean overflown;

  /**
   * What was published.
   *
   * @param key that was written to; empty if it is a mark
   * @param mark what the mark says
   */
  record Said(Optional<byte[]> key, String mark) {}

  /**
   * Begins to listen; what happens from now on is heard.
   *
   * @param glob which keys are asked for
   * @param channel that marks are published on
   */
  Notifications(RedisConnections connections, String glob, String channel) {
    this.connections = connections;
    this.channel = channel;
    String keyspace = "__keyspace@" + connections.address().database() + "__:";
    this.keyAt = keyspace.getBytes(UTF_8).length;
    this.connection = connections.openListening();
    connection.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(byte[] pattern, byte[] from, byte[] event) {
            byte[] key = new byte[from.length - keyAt];
            System.arraycopy(from, keyAt, key, 0, key.length);
            put(new Said(Optional.of(key), null));
          }

          @Override
          public void message(byte[] from, byte[] text) {
            put(new Said(Optional.empty(), new String(text, UTF_8)));
          }
        });
    try {
      connection.sync().psubscribe((keyspace + glob).getBytes(UTF_8));
      connection.sync().subscribe(channel.getBytes(UTF_8));
    } catch (RedisException e) {
      connection.close();
      throw RedisFaults.translate(e, "listening to " + connections.describe());
    }
  }

  private void put(Said said) {
    if (!queue.offer(said)) {
      overflown = true;
    }
  }

  /**
   * What was published meanwhile; waits a moment if there is nothing.
   *
   * @throws SystemFault TRANSIENT if something may have been missed
   */
  List<Said> take(int most, Duration wait) throws InterruptedException {
    List<Said> some = new ArrayList<>();
    Said first = queue.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      some.add(first);
      queue.drainTo(some, most - 1);
    }
    if (overflown || !connection.isOpen()) {
      throw SystemFault.passing(
          "notifications of " + connections.describe() + " on " + channel + " were interrupted",
          null);
    }
    return some;
  }

  @Override
  public void close() {
    connection.close();
  }
}
