package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Sessions change hands, and come back with what they gained. */
class CutoverIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SOURCE_SESSIONS = "SELECT count(*) FROM sessions";

  private static Migration migration(String name) throws Exception {
    Migration migration = Migration.ofStore(name, 60, 5);
    return migration.config(
        "callsphere",
        "aria-engine",
        "kafka: {partitions: 4, bootstrap: \"" + Servers.kafka() + "\"}",
        "capture: {heartbeat: 500ms}",
        // Long, for a busy machine: how long it takes is measured elsewhere.
        "cutover: {max-pause: 10s}");
  }

  private static JsonNode json(Migration.Outcome outcome) throws Exception {
    return json(outcome, 0);
  }

  private static JsonNode json(Migration.Outcome outcome, int exit) throws Exception {
    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(exit);
    return JSON.readTree(outcome.out());
  }

  @Test
  void sessionsChangeHandsAndComeBackWithWhatTheyGained() throws Exception {
    try (Migration migration = migration("handover")) {
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.awaitLag(pipeline);

      JsonNode preview = json(migration.run("cutover", "--slice", "50%", "--dry-run", "--json"));
      assertThat(preview.path("would_do").toString())
          .contains("slot_owner")
          .doesNotContain("slice 2,");
      assertThat(preview.at("/gate/open").booleanValue()).as(preview.toString()).isTrue();
      JsonNode early = json(migration.run("rollback", "--all", "--dry-run", "--json"), 3);
      assertThat(early.at("/gate/in_the_way").toString()).contains("no session at the target yet");
      JsonNode half = json(migration.run("cutover", "--slice", "50%", "--json"));
      assertThat(half.path("outcome").asText()).isEqualTo("done");
      assertThat(half.path("owned").path("target").asDouble()).isEqualTo(50.0);
      long moved = half.path("sessions").longValue();
      assertThat(half.at("/slices/0/digest").asText()).matches("[0-9a-f]{32}");
      assertThat(moved).isBetween(10L, 50L);
      JsonNode again = json(migration.run("cutover", "--slice", "50%", "--json"));
      assertThat(again.path("outcome").asText()).isEqualTo("nothing to do");

      String there = session(migration, "target");
      String here = session(migration, "source");
      assertThatThrownBy(() -> say(migration, there))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SG001"))
          .hasMessageContaining("belongs to the target");
      say(migration, here);
      assertThatThrownBy(() -> answer(migration, here))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SG001"));
      answer(migration, there);
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions SET title = 'grown', updated_at = now() WHERE id = '"
              + there
              + "'");
      migration.drain(Duration.ofSeconds(60));

      migration.mustRun("verify");
      // What is answered may be a moment old while the machine is busy.
      await()
          .untilAsserted(
              () ->
                  assertThat(migration.run("status").out())
                      .contains("owners  source 50.0 %, target 50.0 %"));

      JsonNode back = json(migration.run("rollback", "--all", "--json"));
      assertThat(back.path("outcome").asText()).isEqualTo("done");
      assertThat(back.path("sessions").longValue()).isEqualTo(moved);
      assertThat(
              migration.askSource(
                  "SELECT count(*) FROM messages WHERE content = 'said at the target'"))
          .isEqualTo("1");
      assertThat(
              migration.askSource(
                  "SELECT metadata->'_segue'->>'title' FROM sessions WHERE id = '" + there + "'"))
          .isEqualTo("grown");
      say(migration, there);
      migration.drain(Duration.ofSeconds(60));
      assertThat(migration.run("verify").exit()).isZero();

      assertThat(json(migration.run("cutover", "--all", "--json")).path("outcome").asText())
          .isEqualTo("done");
      answer(migration, there);
      assertThat(migration.askSource(SOURCE_SESSIONS)).isEqualTo("60");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      Path report = migration.directory().resolve("report.json");
      migration.mustRun("complete", "--report", report.toString());
      assertThat(
              migration.askTarget(
                  "SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"
                      + " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'segue')"
                      + " + (SELECT count(*) FROM pg_publication)"))
          .isEqualTo("0");
      assertThat(
              migration.askSource(
                  "SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"
                      + " + (SELECT count(*) FROM pg_namespace WHERE nspname = 'segue')"
                      + " + (SELECT count(*) FROM pg_publication)"))
          .isEqualTo("0");
    }
  }

  @Test
  void busySessionsMoveFewAtATime() throws Exception {
    try (Migration migration = migration("busy")) {
      migration.startFollowing();
      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                while (!enough.get()) {
                  assertThatCode(
                          () -> {
                            migration.onSource("UPDATE sessions SET updated_at = now()");
                            Thread.sleep(50);
                          })
                      .doesNotThrowAnyException();
                }
              });

      String steps = "";
      try {
        // A look at who is busy shows it once the sink has come by.
        long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!steps.contains("slice 5,") && System.nanoTime() < until) {
          steps = steps(json(migration.run("cutover", "--all", "--dry-run", "--json")));
        }
      } finally {
        enough.set(true);
        writer.get();
      }

      // 60 sessions, all of them busy, some more than 10 at once where a hash slot has several.
      assertThat(steps).contains("slice 5,").doesNotContain("slice 8,");
    }
  }

  private static String steps(JsonNode preview) {
    return preview.path("would_do").toString();
  }

  @Test
  void wayBackThatIsLostKeepsSessionsWhereTheyAre() throws Exception {
    try (Migration migration = migration("oneway")) {
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.awaitLag(pipeline);
      assertThat(migration.run("cutover", "--slice", "50%").exit()).isZero();
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      migration.onTarget("SELECT pg_drop_replication_slot('segue_oneway__back')");

      Pipeline again = migration.start(Map.of());
      migration.awaitStreaming(again);
      migration.await(
          again,
          "the way back to fail",
          s -> !s.path("routing").path("way_back").path("failure").isNull());

      assertThat(migration.run("status").out())
          .contains("has failed, sessions of the target cannot be given back");
      String here = session(migration, "source");
      say(migration, here);
      migration.drain(Duration.ofSeconds(60));
      Migration.Outcome refused = migration.run("cutover", "--all");
      assertThat(refused.exit()).as(refused.all()).isEqualTo(3);
      assertThat(refused.err()).contains("the way back from the target to the source has failed");
      assertThat(migration.run("rollback", "--all").exit()).isEqualTo(3);
      say(migration, here);
    }
  }

  private static String session(Migration migration, String owner) throws Exception {
    return migration.askSource(
        "SELECT id FROM sessions WHERE segue.owner_of(id::text) = '" + owner + "' LIMIT 1");
  }

  private static void say(Migration migration, String session) throws Exception {
    migration.onSource(
        "INSERT INTO messages VALUES (gen_random_uuid(), '"
            + session
            + "', 'user', 'said at the source', now())");
  }

  private static void answer(Migration migration, String session) throws Exception {
    migration.onTarget(
        "INSERT INTO aria_engine.chat_messages (id, session_id, role, content)"
            + " VALUES (gen_random_uuid(), '"
            + session
            + "', 'user', 'said at the target')");
  }
}
