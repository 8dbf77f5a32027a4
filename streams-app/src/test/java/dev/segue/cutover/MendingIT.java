package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Oracle;
import dev.segue.demo.Pipeline;
import dev.segue.demo.Workload;
import dev.segue.failpoint.Failpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sessions that differ, or that could not be applied, are made whole while they are written to. */
class MendingIT {
  private static final String MESSAGES = "aria_engine.chat_messages";

  private static Migration migration(String name) throws Exception {
    Migration migration = Migration.ofStore(name, 80, 5);
    return migration.config(
        "callsphere",
        "aria-engine",
        "kafka: {partitions: 4, bootstrap: \"" + Servers.kafka() + "\"}",
        "capture: {heartbeat: 300ms}",
        // Long, for a busy machine: how long it takes is measured elsewhere.
        "cutover: {max-pause: 10s}");
  }

  private static Pipeline start(Migration migration) throws Exception {
    return start(migration, Map.of());
  }

  private static Pipeline start(Migration migration, Map<String, String> environment)
      throws Exception {
    Pipeline pipeline = migration.start(environment);
    migration.awaitStreaming(pipeline);
    migration.awaitLag(pipeline);
    return pipeline;
  }

  private static void assertSame(Migration migration) throws Exception {
    migration.drain(Duration.ofSeconds(60));
    try (Connection source = migration.source();
        Connection target = migration.target()) {
      Oracle.Verdict verdict = Oracle.judge(source, target);
      assertThat(verdict.foundNothing()).as(verdict.toString()).isTrue();
    }
  }

  @Test
  void driftIsRepairedWhilePeopleWrite() throws Exception {
    try (Migration migration = migration("mending")) {
      start(migration);
      try (Workload workload =
          Workload.start(
              () -> Servers.source().connect(migration.database()), 40, 2, 80, 2000, 5)) {
        migration.onTarget(
            "SET session_replication_role = replica;"
                + (" UPDATE %1$s SET content = 'tampered' WHERE id IN (SELECT id FROM %1$s ORDER BY"
                        + " md5(id::text) LIMIT 30);"
                        + " DELETE FROM %1$s WHERE id IN (SELECT id FROM %1$s ORDER BY md5(id::text)"
                        + " DESC LIMIT 30);"
                        + " INSERT INTO %1$s (id, session_id, role, content) SELECT"
                        + " gen_random_uuid(), id, 'user', 'doubled' FROM"
                        + " aria_engine.chat_sessions ORDER BY id LIMIT 5")
                    .formatted(MESSAGES));
        assertThat(migration.run("verify").exit()).isEqualTo(1);

        Migration.Outcome repaired = migration.mustRun("verify", "--repair");
        assertThat(repaired.err()).contains("sessions were written anew");
        migration.onTarget("SET session_replication_role = replica; DELETE FROM " + MESSAGES);
        Instant hourAgo = Instant.now().minusSeconds(3600);
        migration.mustRun("replay", "--from", hourAgo.toString());
        assertThat(migration.run("verify", "--repair").exit()).isZero();
        workload.close();
        workload.await();
      }
      assertSame(migration);
      assertThat(migration.askTarget("SELECT count(*) FROM segue.journal WHERE phase = 'mended'"))
          .isEqualTo("3");
    }
  }

  @Test
  void repairThatDiesIsDoneAgain() throws Exception {
    try (Migration migration = migration("dying")) {
      start(migration, Map.of()).stop(Duration.ofSeconds(30));
      String session = migration.askSource("SELECT min(id::text) FROM sessions");
      for (Failpoint seam : new Failpoint[] {Failpoint.MEND_DRAINED, Failpoint.MEND_WRITTEN}) {
        Pipeline pipeline =
            start(migration, Map.of(Failpoint.VARIABLE, seam.wireName() + "=halt@1"));
        migration.onTarget(
            "SET session_replication_role = replica; UPDATE "
                + MESSAGES
                + " SET content = 'tampered' WHERE session_id = '"
                + session
                + "'");

        assertThat(migration.run("verify", "--repair").exit()).as(seam.toString()).isEqualTo(1);

        assertThat(pipeline.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
        // Whoever waited for the repair goes on.
        say(migration, session, "meanwhile");
        Pipeline next = start(migration);
        say(migration, session, "afterwards");
        Migration.Outcome repaired = migration.run("verify", "--repair");
        assertThat(repaired.exit()).as(seam + ": " + repaired.all()).isZero();
        assertSame(migration);
        next.stop(Duration.ofSeconds(30));
      }
    }
  }

  @Test
  void parkedSessionIsRetriedOrLeftBehind() throws Exception {
    try (Migration migration = migration("letters")) {
      migration.onTarget(
          "ALTER TABLE " + MESSAGES + " ADD CONSTRAINT polite CHECK (content <> 'rude')");
      Pipeline pipeline = start(migration);
      String first = migration.askSource("SELECT min(id::text) FROM sessions");
      String second = migration.askSource("SELECT max(id::text) FROM sessions");
      for (String session : new String[] {first, second}) {
        say(migration, session, "rude");
        say(migration, session, "kind");
      }
      migration.drain(Duration.ofSeconds(60));

      assertThat(migration.run("dead-letters", "list").out())
          .contains("2 sessions are parked", first, "polite", "2 records")
          .doesNotContain("rude");
      assertThat(letters("show", first, migration).out())
          .contains("2 dead letters", "(sink)", "its session is parked")
          .doesNotContain("rude");
      assertThat(letters("show", first, migration, "--show-values").out()).contains("rude");
      Migration.Outcome stillRude = migration.run("dead-letters", "retry");
      assertThat(stillRude.exit()).as(stillRude.all()).isEqualTo(1);
      assertThat(stillRude.out()).contains("0 sessions written anew, 2 refused", "polite");

      // A parked session stays behind; its neighbours in the slot do not.
      Migration.Outcome cutover = migration.mustRun("cutover", "--all");
      assertThat(cutover.out()).contains("stays: " + first + " is parked");
      assertThat(migration.askSource("SELECT segue.owner_of('" + first + "')")).isEqualTo("source");
      migration.onSource(
          "UPDATE messages SET content = 'mended' WHERE session_id = '"
              + first
              + "' AND content = 'rude'");
      Migration.Outcome retried = letters("retry", first, migration);
      assertThat(retried.exit()).as(retried.all()).isZero();
      say(migration, first, "flowing again");
      migration.drain(Duration.ofSeconds(60));
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(content, ', ' ORDER BY created_at) FROM "
                      + MESSAGES
                      + " WHERE created_at > now() - interval '1 hour'"))
          .isEqualTo("mended, kind, flowing again");
      assertThat(migration.run("cutover", "--all").exit()).isZero();
      assertThat(migration.askSource("SELECT segue.owner_of('" + first + "')")).isEqualTo("target");

      assertThat(letters("discard", second, migration, "--reason", "a test account").exit())
          .isZero();
      assertThat(letters("discard", first, migration, "--reason", "x").err())
          .contains("is not parked");
      assertThat(migration.askTarget("SELECT detail FROM segue.journal WHERE phase = 'discarded'"))
          .contains(second, "a test account");
      pipeline.kill();
    }
  }

  private static Migration.Outcome letters(
      String command, String session, Migration migration, String... more) {
    String[] all = new String[more.length + 3];
    all[0] = "dead-letters";
    all[1] = command;
    all[2] = session;
    System.arraycopy(more, 0, all, 3, more.length);
    return migration.run(all);
  }

  private static void say(Migration migration, String session, String what) throws Exception {
    migration.onSource(
        "INSERT INTO messages VALUES (gen_random_uuid(), '"
            + session
            + "', 'user', '"
            + what
            + "', clock_timestamp())");
  }
}
