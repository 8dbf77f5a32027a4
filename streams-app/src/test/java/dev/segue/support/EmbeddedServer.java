package dev.segue.support;

import dev.segue.demo.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** PostgreSQL's own binaries in a temporary directory. */
final class EmbeddedServer implements PostgresServer {
  private final Path directory;
  private EmbeddedPostgres server;
  private final int port;

  EmbeddedServer() throws IOException {
    this.directory = Files.createTempDirectory("segue-it-");
    System.setProperty("ot.epg.working-dir", directory.resolve("binaries").toString());
    this.server = builder().start();
    this.port = server.getPort();
  }

  private EmbeddedPostgres.Builder builder() {
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
        .setDataDirectory(directory.resolve("data"))
        .setCleanDataDirectory(false)
        .setServerConfig("wal_level", "logical")
        .setServerConfig("max_connections", "100")
        .setServerConfig("max_replication_slots", "20")
        .setServerConfig("max_wal_senders", "20")
        .setServerConfig("fsync", "off")
        .setPGStartupWait(Duration.ofSeconds(60));
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
    server = builder().setPort(port).start();
  }

  @Override
  public void kill() throws IOException, InterruptedException {
    String pid = Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0).strip();
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    java.util.List<ProcessHandle> backends = postmaster.descendants().toList();
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
      throw new java.io.UncheckedIOException(e);
    } finally {
      EmbeddedServers.delete(directory);
    }
  }
}
