package dev.segue.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Our sessions in one Redis. */
final class RedisConnections implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final String side;
  private final RedisAddress address;
  private final ClientResources resources;
  private final RedisClient client;

  RedisConnections(RedisAddress address) {
    this("source", address);
  }

  /**
   * @param side {@code source} or {@code target}, for messages
   */
  RedisConnections(String side, RedisAddress address) {
    this.side = side;
    this.address = address;
    // A few short connections need no more.
    this.resources =
        ClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2).build();
    RedisURI.Builder uri =
        RedisURI.builder()
            .withHost(address.host())
            .withPort(address.port())
            .withDatabase(address.database())
            .withSsl(address.tls())
            .withTimeout(TIMEOUT);
    char[] password = address.password().reveal().toCharArray();
    if (!address.user().isEmpty()) {
      uri.withAuthentication(address.user(), password);
    } else if (password.length > 0) {
      uri.withPassword(password);
    }
    this.client = RedisClient.create(resources, uri.build());
    // Who reads decides what a lost connection means.
    client.setOptions(ClientOptions.builder().autoReconnect(false).build());
  }

  RedisAddress address() {
    return address;
  }

  String describe() {
    return side + " " + address;
  }

  StatefulRedisConnection<byte[], byte[]> open() {
    try {
      return client.connect(ByteArrayCodec.INSTANCE);
    } catch (RedisException e) {
      throw RedisFaults.translate(e, "connecting to " + describe());
    }
  }

  /** For what is published. */
  StatefulRedisPubSubConnection<byte[], byte[]> openListening() {
    try {
      return client.connectPubSub(ByteArrayCodec.INSTANCE);
    } catch (RedisException e) {
      throw RedisFaults.translate(e, "connecting to " + describe());
    }
  }

  /** Something to be asked. */
  interface Question<T> {
    T ask(RedisCommands<byte[], byte[]> commands);
  }

  /** Asks something on a connection of its own. */
  <T> T with(String doing, Question<T> question) {
    try (StatefulRedisConnection<byte[], byte[]> connection = open()) {
      return question.ask(connection.sync());
    } catch (RedisException e) {
      throw RedisFaults.translate(e, doing + " on " + describe());
    }
  }

  /** Where its replication stream is. */
  ReplicationInfo replication() {
    return with(
        "asking for the replication stream",
        commands -> ReplicationInfo.parse(commands.info("replication")));
  }

  /** All keys that fit the glob, some of them perhaps twice. */
  void scan(String glob, Consumer<byte[]> consumer) {
    with(
        "listing keys",
        commands -> {
          ScanArgs arguments = ScanArgs.Builder.matches(glob).limit(1000);
          KeyScanCursor<byte[]> cursor = commands.scan(arguments);
          cursor.getKeys().forEach(consumer);
          while (!cursor.isFinished()) {
            cursor = commands.scan(cursor, arguments);
            cursor.getKeys().forEach(consumer);
          }
          return null;
        });
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    Future<Boolean> unused = resources.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
