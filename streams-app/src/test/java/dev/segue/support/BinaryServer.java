package dev.segue.support;

import dev.segue.demo.EmbeddedServer;
import dev.segue.demo.EmbeddedServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** PostgreSQL's own binaries in a temporary directory. */
final class BinaryServer implements PostgresServer {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "max_connections",
          "100",
          "max_replication_slots",
          "20",
          "max_wal_senders",
          "20",
          "max_prepared_transactions",
          "10");

  private final Path directory;
  private final int port;
  private EmbeddedServer server;

  BinaryServer() throws IOException {
    this.directory = Files.createTempDirectory("segue-it-");
    this.server = EmbeddedServer.start(directory, 0, SETTINGS);
    this.port = server.port();
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String password() {
    return "postgres";
  }

  @Override
  public void restart() throws IOException {
    server.close();
    server = EmbeddedServer.start(directory, port, SETTINGS);
  }

  @Override
  public void kill() throws IOException, InterruptedException {
    String pid = Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0).strip();
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    List<ProcessHandle> backends = postmaster.descendants().toList();
    postmaster.destroyForcibly();
    backends.forEach(ProcessHandle::destroyForcibly);
    // Its lock file and shared memory are taken over once the process is seen to be gone.
    Thread.sleep(300);
    restart();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      EmbeddedServers.delete(directory);
    }
  }
}
