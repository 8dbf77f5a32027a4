package dev.segue.bench.measure;

import dev.segue.bench.server.AgentKeys;
import dev.segue.bench.server.RedisServer;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import org.HdrHistogram.Histogram;

/** Somebody who reads a key again and again, and knows how long each answer took. */
final class RedisProbe implements AutoCloseable {
  private static final long PAUSE_MILLIS = 5;

  private final RedisServer server;
  private final Thread thread = new Thread(this::read, "redis-probe");
  private Histogram since = new Histogram(3);
  private volatile boolean stopped;

  private RedisProbe(RedisServer server) {
    this.server = server;
  }

  static RedisProbe start(RedisServer server) {
    RedisProbe probe = new RedisProbe(server);
    probe.thread.start();
    return probe;
  }

  /** Microseconds of every answer since the last time that this was asked. */
  synchronized Histogram take() {
    Histogram taken = since;
    since = new Histogram(3);
    return taken;
  }

  private synchronized void record(long nanos) {
    since.recordValue(nanos / 1000);
  }

  private void read() {
    try {
      while (!stopped) {
        try (StatefulRedisConnection<String, String> connection = server.connect()) {
          while (!stopped) {
            long asked = System.nanoTime();
            connection.sync().hget(AgentKeys.key(0), "status");
            record(System.nanoTime() - asked);
            Thread.sleep(PAUSE_MILLIS);
          }
        } catch (RedisException e) {
          // It is down; how long that takes is not what is asked here.
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
  }
}
