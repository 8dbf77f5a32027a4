package dev.segue.bench.server;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis in a directory of the run's own. What it was told is on its disk within a second, as most
 * are set up, and its backlog holds some minutes of what is written here.
 */
public final class RedisServer implements AutoCloseable {
  private static final List<String> SETTINGS =
      List.of(
          "--save", "",
          "--appendonly", "yes",
          "--appendfsync", "everysec",
          "--repl-backlog-size", "64mb");

  private static final int MOST_ATTEMPTS = 1200;
  private static final long PAUSE_MILLIS = 50;
  private static final long PATIENCE_SECONDS = 60;

  private final Site site;
  private final Path directory;
  private final String executable;
  private final int port;
  private final RedisClient client;
  private Child process;

  private RedisServer(Site site, Path directory, String executable, int port) {
    this.site = site;
    this.directory = directory;
    this.executable = executable;
    this.port = port;
    this.client = RedisClient.create(url());
  }

  /** Starts one without any keys. */
  public static RedisServer start(Site site) throws IOException, InterruptedException {
    Path directory = site.directory("redis");
    // The library unpacks the binary for this machine.
    String executable =
        ExecutableProvider.newJarResourceProvider(directory.toFile()).get().getAbsolutePath();
    RedisServer server;
    try (ServerSocket free = new ServerSocket(0)) {
      server = new RedisServer(site, directory, executable, free.getLocalPort());
    }
    server.start();
    return server;
  }

  private void start() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            executable, "--port", Integer.toString(port), "--dir", directory.toString());
    builder.command().addAll(SETTINGS);
    process = site.start("redis", builder);
    for (int attempt = 1; ; attempt++) {
      try (StatefulRedisConnection<String, String> connection = connect()) {
        // Refused while it loads what is on its disk.
        connection.sync().get("ready");
        return;
      } catch (RedisException e) {
        if (attempt == MOST_ATTEMPTS || !process.isAlive()) {
          throw new IOException("the Redis does not start:\n" + process.lastWords(), e);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** How {@code migration.yaml} names it. */
  public String url() {
    return "redis://" + Database.HOST + ":" + port + "/0";
  }

  public StatefulRedisConnection<String, String> connect() {
    return client.connect();
  }

  /** Megabytes that it uses by its own account. */
  public long usedMb() {
    try (StatefulRedisConnection<String, String> connection = connect()) {
      return connection
          .sync()
          .info("memory")
          .lines()
          .filter(line -> line.startsWith("used_memory:"))
          .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length()).strip()) >> 20)
          .findFirst()
          .orElseThrow();
    }
  }

  /** Ends it as kill -9 does, and starts it again on what is on its disk. */
  public void killAndStart() throws IOException, InterruptedException {
    process.kill();
    process.await(PATIENCE_SECONDS);
    start();
  }

  @Override
  public void close() {
    client.shutdown();
    process.kill();
  }
}
