package dev.segue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.demo.Pipeline;
import dev.segue.demo.Store;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** A migration that has ended leaves nothing of ours, and one that is open does not end. */
class CompleteIT {
  /** Everything that we might leave in a database, in one line. */
  private static final String TRACES =
      """
      SELECT (SELECT count(*) FROM pg_publication) || ' publications, '
        || (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())
        || ' slots, ' || (SELECT count(*) FROM pg_namespace WHERE nspname = 'segue') || ' schemas, '
        || (SELECT count(*) FROM pg_replication_origin WHERE roname LIKE 'segue\\_ending%')
        || ' origins, '
        || (SELECT coalesce(string_agg(relname || '=' || relreplident::text, ' ' ORDER BY relname), '')
            FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relkind = 'r')
      """;

  private static Migration migration(String name, String... config) throws Exception {
    Migration migration = new Migration(name);
    try (Connection source = migration.source();
        Connection target = migration.target()) {
      Store.createSource(source);
      Store.createTarget(target);
      Store.writeHistory(source, 30, 3);
      migration.onSource(
          "ALTER TABLE messages REPLICA IDENTITY NOTHING; ALTER TABLE messages REPLICA IDENTITY"
              + " USING INDEX messages_pkey");
    }
    migration.config("callsphere", "aria-engine", config);
    return migration;
  }

  @Test
  void whatIsOpenIsRefusedAndWhatHasEndedIsGone() throws Exception {
    try (Migration migration =
        migration("ending", "kafka: {partitions: 4, bootstrap: \"" + Servers.kafka() + "\"}")) {
      String sourceBefore = migration.askSource(TRACES);
      String targetBefore = migration.askTarget(TRACES);
      assertThat(sourceBefore).startsWith("0 publications, 0 slots").contains("messages=i");
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.drain(Duration.ofSeconds(60));
      Path report = migration.directory().resolve("report.json");

      assertThat(migration.run("complete").err()).contains("migration 'ending' is already running");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      String kept = migration.askSource("SELECT min(id::text) FROM messages");
      migration.onTarget("DELETE FROM aria_engine.chat_messages WHERE id = '" + kept + "'");
      Migration.Outcome refused = migration.run("complete", "--report", report.toString());
      assertThat(refused.exit()).isEqualTo(3);
      assertThat(refused.err())
          .contains("1 of 30 sessions are not the same on both sides", "segue verify");
      assertThat(report).doesNotExist();
      migration.onSource("DELETE FROM messages WHERE id = '" + kept + "'");

      assertThat(migration.run("complete", "--dry-run").out())
          .contains("replication slot segue_ending")
          .contains("public.messages REPLICA IDENTITY FULL, back to USING INDEX messages_pkey")
          .contains("topics and groups segue.ending.*")
          .contains("schema segue");
      Migration.Outcome completed = migration.mustRun("complete", "--report", report.toString());
      assertThat(completed.out()).contains("Migration ending is completed");

      assertThat(migration.askSource(TRACES)).isEqualTo(sourceBefore);
      assertThat(migration.askTarget(TRACES)).isEqualTo(targetBefore);
      assertThat(topics()).noneMatch(topic -> topic.startsWith("segue.ending."));
      assertThat(migration.directory().resolve("data")).doesNotExist();
      JsonNode said = new ObjectMapper().readTree(Files.readString(report));
      assertThat(said.path("outcome").asText()).isEqualTo("completed");
      assertThat(said.path("parity").path("sessions").path("pass").asInt()).isEqualTo(30);
      Migration.Outcome again = migration.run("complete");
      assertThat(again.exit()).isEqualTo(3);
      assertThat(again.err()).contains("is not in the ledger", "or was completed");
    }
  }

  @Test
  void partitionsGetBackWhatTheyHadAndOthersKeepWhatTheyNeed() throws Exception {
    try (Migration migration = new Migration("ending-parts")) {
      migration.onSource(
          """
          CREATE TABLE sessions (id uuid PRIMARY KEY, user_id text, agent_name text,
            created_at timestamptz, updated_at timestamptz, metadata jsonb);
          CREATE TABLE messages (id uuid, session_id uuid, role text, content text,
            created_at timestamptz, PRIMARY KEY (id)) PARTITION BY HASH (id);
          CREATE TABLE messages_0 PARTITION OF messages FOR VALUES WITH (MODULUS 1, REMAINDER 0);
          CREATE TABLE notes (id int PRIMARY KEY);
          CREATE PUBLICATION segue_neighbour FOR TABLE sessions;
          COMMENT ON PUBLICATION segue_neighbour IS
            'replica identities before: public.notes had DEFAULT';
          """);
      try (Connection target = migration.target()) {
        Store.createTarget(target);
      }
      migration.config("callsphere", "aria-engine");
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      String identity = "SELECT relreplident FROM pg_class WHERE relname = 'messages_0'";
      assertThat(migration.askSource(identity)).isEqualTo("f");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      migration.onTarget("CREATE VIEW watched AS SELECT * FROM segue.parked");
      migration.onTarget("UPDATE segue.migration SET phase = 'abandoning'");
      Path report = migration.directory().resolve("report.json");

      assertThat(migration.run("run").err()).contains("is being completed", "segue complete");
      Migration.Outcome resumed = migration.mustRun("complete", "--report", report.toString());
      assertThat(resumed.out()).contains("is abandoned");
      assertThat(report).as("written by the one that was interrupted").doesNotExist();
      assertThat(migration.askSource(identity)).isEqualTo("d");
      assertThat(migration.askSource("SELECT string_agg(pubname, ' ') FROM pg_publication"))
          .isEqualTo("segue_neighbour");
      assertThat(migration.askTarget("SELECT count(*) FROM watched")).isEqualTo("0");
    }
  }

  @Test
  void whatIsGivenUpIsGoneToo() throws Exception {
    try (Migration migration = migration("ending-early")) {
      Pipeline pipeline =
          migration.start(Map.of("SEGUE_FAILPOINTS", "snapshot-before-commit=halt"));
      assertThat(pipeline.process().waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      Path report = migration.directory().resolve("report.json");

      assertThat(migration.run("complete", "--report", report.toString()).err())
          .contains("is in phase snapshot: history is not copied yet")
          .contains("segue complete --abandon");
      migration.mustRun("complete", "--abandon", "--report", report.toString());
      assertThat(migration.askSource(TRACES)).startsWith("0 publications, 0 slots");
      assertThat(migration.askTarget(TRACES)).contains("0 schemas");
      assertThat(migration.directory().resolve("data")).doesNotExist();
    }
  }

  private static Set<String> topics() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", Servers.kafka());
    try (Admin admin = Admin.create(properties)) {
      return admin.listTopics().names().get().stream().collect(Collectors.toSet());
    }
  }
}
