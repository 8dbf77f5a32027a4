package dev.segue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.EmbeddedServer;
import dev.segue.demo.EmbeddedServers;
import dev.segue.demo.Store;
import dev.segue.support.Migration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Servers whose own settings are in the way. Each needs one of its own. */
class UnfitServerIT {
  private static Path directory;
  private static Migration migration;

  @BeforeAll
  static void makeTarget() throws Exception {
    directory = Files.createTempDirectory("segue-it-unfit-");
    migration = new Migration("unfit");
    try (Connection target = migration.target()) {
      Store.createTarget(target);
    }
    migration.config("callsphere", "aria-engine");
  }

  @AfterAll
  static void dropTarget() throws Exception {
    migration.close();
    EmbeddedServers.delete(directory);
  }

  private static EmbeddedServer source(Map<String, String> settings) throws IOException {
    return EmbeddedServer.start(directory, 0, settings);
  }

  private static void execute(EmbeddedServer server, String sql) throws Exception {
    String url = "jdbc:" + server.url().replace("postgres@", "");
    try (Connection connection = DriverManager.getConnection(url, "postgres", "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Migration.Outcome plan(EmbeddedServer source) {
    return migration.run("plan", "--set", "source.url=" + source.url());
  }

  @Test
  void settingsAreNamedTogetherAndAStandbyIsRefused() throws Exception {
    try (EmbeddedServer server =
        source(
            Map.of(
                "wal_level", "replica",
                "max_replication_slots", "1",
                "max_wal_senders", "0"))) {
      try (Connection connection =
          DriverManager.getConnection(
              "jdbc:" + server.url().replace("postgres@", ""), "postgres", "")) {
        Store.createSource(connection);
      }
      execute(server, "SELECT pg_create_physical_replication_slot('taken')");

      Migration.Outcome outcome = plan(server);

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains("wal_level is replica, must be logical")
          .contains("ALTER SYSTEM SET wal_level = logical")
          .contains("no free replication slot: 1 of 1 are taken")
          .contains("ALTER SYSTEM SET max_replication_slots = 5")
          .contains("no free WAL sender: 0 of 0 are taken")
          .contains("ALTER SYSTEM SET max_wal_senders = 4");
    }
    Files.createFile(directory.resolve("data/standby.signal"));
    try (EmbeddedServer standby = source(Map.of("max_replication_slots", "1"))) {
      Migration.Outcome outcome = plan(standby);

      assertThat(outcome.exit()).isEqualTo(3);
      assertThat(outcome.out())
          .contains("is a standby")
          .contains("put the primary's host into source.url");
    }
  }
}
