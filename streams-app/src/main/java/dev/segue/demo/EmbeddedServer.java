package dev.segue.demo;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A real PostgreSQL server, its own binaries unpacked beside its data. */
public final class EmbeddedServer implements AutoCloseable {
  private final EmbeddedPostgres server;

  private EmbeddedServer(EmbeddedPostgres server) {
    this.server = server;
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
    return new EmbeddedServer(builder.start());
  }

  public int port() {
    return server.getPort();
  }

  /** How {@code migration.yaml} names it. */
  public String url() {
    return "postgresql://postgres@127.0.0.1:" + port() + "/postgres";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
