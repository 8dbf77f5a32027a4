package dev.segue.demo;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A real PostgreSQL server, its own binaries unpacked beside its data. */
public final class EmbeddedServer implements AutoCloseable {
  private static final Duration STOPPING = Duration.ofSeconds(30);

  private final EmbeddedPostgres server;
  private final ProcessHandle postmaster;

  private EmbeddedServer(EmbeddedPostgres server, ProcessHandle postmaster) {
    this.server = server;
    this.postmaster = postmaster;
  }

  /**
   * Starts a server on data that are there, or on new ones. It is not made to outlive its machine.
   *
   * @param directory of which {@code binaries} and {@code data} are its own
   * @param port 0 for any that is free
   * @param settings of the server, besides what a source needs
   */
  public static EmbeddedServer start(Path directory, int port, Map<String, String> settings)
      throws IOException {
    Path binaries = directory.resolve("binaries");
    // Else the library makes a directory of its own and leaves it behind.
    System.setProperty("ot.epg.working-dir", binaries.toString());
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(binaries.toFile())
            .setDataDirectory(directory.resolve("data"))
            .setCleanDataDirectory(false)
            .setPort(port)
            .setServerConfig("wal_level", "logical")
            .setServerConfig("fsync", "off")
            // The library turns it off, and a killed server then loses commits it had acknowledged.
            .setServerConfig("synchronous_commit", "on")
            .setPGStartupWait(Duration.ofSeconds(60));
    settings.forEach(builder::setServerConfig);
    EmbeddedPostgres server = builder.start();
    List<String> lock = Files.readAllLines(directory.resolve("data/postmaster.pid"));
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(lock.get(0).strip())).orElseThrow();
    return new EmbeddedServer(server, postmaster);
  }

  public int port() {
    return server.getPort();
  }

  /** How {@code migration.yaml} names it. */
  public String url() {
    return "postgresql://postgres@127.0.0.1:" + port() + "/postgres";
  }

  /**
   * Stops it; returns when it is gone, so that its directory can be deleted. When the JVM ends the
   * library stops it as well, at the same time, and then says so without waiting for it.
   */
  @Override
  public void close() throws IOException {
    server.close();
    try {
      postmaster.onExit().get(STOPPING.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      destroy();
    } catch (ExecutionException | TimeoutException e) {
      destroy();
    }
  }

  private void destroy() {
    List<ProcessHandle> backends = postmaster.descendants().toList();
    postmaster.destroyForcibly();
    backends.forEach(ProcessHandle::destroyForcibly);
  }
}
