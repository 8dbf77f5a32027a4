package dev.segue.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.demo.Pipeline;
import dev.segue.demo.Workload;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Drift is found and named, all of it; what is merely being written to is no drift. */
class VerifyIT {
  private static final int SESSIONS = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Migration migration;
  private static Pipeline pipeline;

  @BeforeAll
  static void startMigration() throws Exception {
    migration = Migration.ofStore("verify", SESSIONS, 7);
    migration.config(
        "callsphere", "aria-engine", "snapshot: {chunk: 64KB}", "kafka: {partitions: 4}");
    assertThat(migration.run("verify").err()).contains("has never run", "segue run");
    pipeline = migration.start(Map.of());
    migration.awaitStreaming(pipeline);
    migration.drain(Duration.ofSeconds(60));
  }

  @AfterAll
  static void stopMigration() throws Exception {
    migration.close();
  }

  private static JsonNode verify(int exit, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("verify", "--json"));
    all.addAll(List.of(options));
    Migration.Outcome outcome = migration.run(all.toArray(String[]::new));
    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(exit);
    return JSON.readTree(outcome.out());
  }

  private static String pick(int place) throws Exception {
    return migration.askSource(
        "SELECT session_id FROM messages GROUP BY 1 HAVING count(*) > 5 ORDER BY 1 OFFSET "
            + place
            + " LIMIT 1");
  }

  private static void onTarget(String sql, String session) throws Exception {
    migration.onTarget(
        sql.replace("$M", "aria_engine.chat_messages").replace("$S", "'" + session + "'"));
  }

  @Test
  void sessionsThatAreWrittenToPass() throws Exception {
    Workload workload =
        Workload.start(
            () -> Servers.source().connect(migration.database()), SESSIONS, 4, 300, 6000, 7);
    JsonNode report;
    try (workload) {
      report = verify(0);
    }
    migration.drain(Duration.ofSeconds(60));

    assertThat(report.path("result").asText()).isEqualTo("pass");
    assertThat(report.path("sessions").path("total").asInt()).isGreaterThan(SESSIONS / 2);
    assertThat(report.path("sessions").path("pass").asInt())
        .isEqualTo(report.path("sessions").path("total").asInt());
    assertThat(report.path("rechecked").asInt()).isPositive();
    JsonNode status = pipeline.status().orElseThrow().path("parity");
    assertThat(status.path("pass").asInt()).isEqualTo(report.path("sessions").path("pass").asInt());
    assertThat(migration.run("status").out()).contains(" pass, 0 fail, 0 pending, verified 2");
  }

  @Test
  void everyDriftIsNamedAndNothingElse() throws Exception {
    List<String> sessions = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      sessions.add(pick(i * 3));
    }
    String one = "(SELECT min(id::text)::uuid FROM $M WHERE session_id = $S)";
    onTarget("UPDATE $M SET content = content || '!' WHERE id = " + one, sessions.get(0));
    onTarget("DELETE FROM $M WHERE id = " + one, sessions.get(1));
    onTarget(
        "INSERT INTO $M (id, session_id, role, content, created_at)"
            + " SELECT gen_random_uuid(), session_id, role, content, created_at FROM $M WHERE id = "
            + one,
        sessions.get(2));
    onTarget(
        "UPDATE $M SET created_at = created_at + interval '1 hour' WHERE id = " + one,
        sessions.get(3));
    // Nothing of the source goes there, so it is the target's own.
    onTarget("UPDATE aria_engine.chat_sessions SET title = 'x' WHERE id = $S", sessions.get(4));
    // Its messages go with it.
    onTarget("DELETE FROM aria_engine.chat_sessions WHERE id = $S", sessions.get(5));
    // The same JSON in another spelling is the same.
    onTarget("UPDATE $M SET metadata = metadata || '{}' WHERE session_id = $S", sessions.get(6));
    Path records = migration.directory().resolve("parity.jsonl");
    try {
      JsonNode report = verify(1, "--report", records.toString());

      assertThat(report.path("result").asText()).isEqualTo("fail");
      assertThat(report.toString()).doesNotContain("expected");
      assertThat(differences(report))
          .containsExactlyInAnyOrder(
              sessions.get(0) + " message different [content]",
              sessions.get(1) + " message missing []",
              sessions.get(2) + " message extraneous []",
              sessions.get(3) + " message different [created_at]",
              sessions.get(5) + " session missing []",
              sessions.get(5) + " message missing []");
      JsonNode record = record(records, sessions.get(1));
      assertThat(record.path("parity_status").asText()).isEqualTo("fail");
      assertThat(record.path("checks").path("message_count_matches").asBoolean(true)).isFalse();
      assertThat(record.path("checks").path("latest_checkpoint_matches").asBoolean()).isTrue();
      assertThat(migration.run("verify", "--show-values").out())
          .contains("is different in content (expected ");
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(session_id, ' ' ORDER BY session_id) || ' '"
                      + " || bool_or(record::text LIKE '%expected%') FROM segue.parity"))
          .isEqualTo(
              String.join(
                  " ",
                  sessions.get(0),
                  sessions.get(1),
                  sessions.get(2),
                  sessions.get(3),
                  sessions.get(5),
                  "false"));
    } finally {
      for (String session : sessions) {
        migration.onSource("DELETE FROM sessions WHERE id = '" + session + "'");
        migration.onTarget(
            "DELETE FROM aria_engine.chat_messages WHERE session_id = '" + session + "'");
      }
      migration.drain(Duration.ofSeconds(60));
    }
    assertThat(verify(0).path("sessions").path("fail").asInt()).isZero();
  }

  @Test
  void valuesAreComparedAsTheTargetsTypesDo() throws Exception {
    try (Migration odd = new Migration("oddtypes")) {
      odd.onSource(
          """
          CREATE TABLE s (id bigint PRIMARY KEY, agent char(8), cost numeric(10,4), at text);
          INSERT INTO s SELECT 1234567890123456000 + i, 'ab', 0.1000, '2026-1-2 3:04'
            FROM generate_series(1, 20) i;
          """);
      odd.onTarget(
          """
          CREATE DOMAIN session_key AS text;
          CREATE TABLE s (id session_key PRIMARY KEY, agent char(12), cost double precision,
            at timestamptz);
          """);
      Path layout = odd.directory().resolve("odd.yaml");
      Files.writeString(
          layout,
          """
          layout: odd
          tables:
            - entity: session
              table: s
              columns: {id: session_id, agent: agent_name, cost: total_cost, at: title}
          """);
      odd.config(layout.toString(), layout.toString());
      Pipeline running = odd.start(Map.of());
      odd.awaitStreaming(running);

      assertThat(odd.run("verify").all()).contains("Parity pass: 20 of 20 sessions pass");
      odd.onTarget("UPDATE s SET cost = 0.2 WHERE id = '1234567890123456007'");
      odd.onTarget("UPDATE s SET at = now() WHERE id = '1234567890123456008'");
      assertThat(odd.run("verify").out())
          .contains("18 of 20 sessions pass, 2 fail")
          .contains("session 1234567890123456007 is different in cost\n")
          .contains("session 1234567890123456008 is different in at\n");
    }
  }

  private static Set<String> differences(JsonNode report) {
    Set<String> found = new TreeSet<>();
    for (JsonNode session : report.path("not_passed")) {
      for (JsonNode d : session.path("differences")) {
        found.add(
            String.join(
                " ",
                session.path("session_id").asText(),
                d.path("kind").asText(),
                d.path("problem").asText(),
                d.path("columns").findValuesAsText("name").toString()));
      }
    }
    return found;
  }

  private static JsonNode record(Path records, String session) throws Exception {
    return Files.readAllLines(records).stream()
        .filter(line -> line.contains(session))
        .map(VerifyIT::parse)
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
