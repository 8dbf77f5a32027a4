package dev.segue.support;

import dev.segue.demo.EmbeddedServers;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/** Redis's own binary in a temporary directory; keeps a log of all commands on its disk. */
final class BinaryRedis implements RedisServer {
  private final Path directory;
  private final File executable;
  private final int port;
  private final List<String> settings;
  private Process process;

  BinaryRedis(List<String> settings) throws IOException, InterruptedException {
    this.directory = Files.createTempDirectory("segue-it-redis-");
    this.settings = List.copyOf(settings);
    // The library unpacks the binary for this machine; its process is ours to kill.
    this.executable = ExecutableProvider.newJarResourceProvider(directory.toFile()).get();
    try (ServerSocket socket = new ServerSocket(0)) {
      this.port = socket.getLocalPort();
    }
    start();
  }

  private void start() throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                executable.getAbsolutePath(),
                "--port",
                Integer.toString(port),
                "--dir",
                directory.toString(),
                "--save",
                ""));
    command.addAll(settings);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    for (int i = 0; i < 200; i++) {
      try (var connection = connect()) {
        connection.sync().ping();
        return;
      } catch (io.lettuce.core.RedisException e) {
        Thread.sleep(50);
      }
    }
    throw new IllegalStateException(Files.readString(directory.resolve("log")));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void kill() throws Exception {
    process.destroyForcibly().waitFor();
    start();
  }

  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
      EmbeddedServers.delete(directory);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (UncheckedIOException e) {
      throw e;
    }
  }
}
