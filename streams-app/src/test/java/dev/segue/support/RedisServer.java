package dev.segue.support;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;

/** A real Redis that a test may restart and kill. */
public interface RedisServer extends AutoCloseable {
  int port();

  /** Kills it with -9 and starts it again; what it had not written to its disk is lost. */
  void kill() throws Exception;

  @Override
  void close();

  default String url() {
    return "redis://127.0.0.1:" + port() + "/0";
  }

  /** A connection of its own; closing it is the caller's. */
  default StatefulRedisConnection<String, String> connect() {
    return Client.SHARED.connect(
        RedisURI.builder()
            .withHost("127.0.0.1")
            .withPort(port())
            .withTimeout(Duration.ofSeconds(20))
            .build());
  }

  /** Each client has threads of its own, so that one does for all. */
  final class Client {
    private static final RedisClient SHARED = RedisClient.create();

    private Client() {}
  }
}
