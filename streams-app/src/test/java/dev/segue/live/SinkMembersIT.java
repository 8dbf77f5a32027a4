package dev.segue.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.demo.Oracle;
import dev.segue.demo.Pipeline;
import dev.segue.demo.Workload;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several members of the sink write what one would have written. */
class SinkMembersIT {
  private static final int SESSIONS = 60;
  private static final String ORIGINS =
      "SELECT coalesce(string_agg(roname, ' ' ORDER BY roname), '') FROM pg_replication_origin"
          + " WHERE roname LIKE 'segue\\_crowd%'";

  /** Rows change their session by hundreds, so members meet at them. */
  private static final String SHUFFLE =
      """
      UPDATE messages m SET session_id = s.id
      FROM (SELECT id, row_number() OVER (ORDER BY md5(id::text || '%1$d')) n FROM sessions) s,
        (SELECT id, row_number() OVER (ORDER BY md5(id::text || '%1$d')) n FROM messages) o
      WHERE o.id = m.id AND o.n <= 10 AND s.n = o.n
      """;

  private static void configure(Migration migration, int members) throws Exception {
    migration.config(
        "callsphere",
        "aria-engine",
        "kafka: {partitions: 8}",
        "capture: {heartbeat: 500ms}",
        "sink: {members: " + members + "}");
  }

  @Test
  void rowsThatChangeTheirSessionBetweenMembersArriveOnce() throws Exception {
    try (Migration migration = Migration.ofStore("crowd", SESSIONS, 7)) {
      configure(migration, 4);
      Pipeline pipeline = migration.startFollowing();
      assertThat(pipeline.status().orElseThrow().path("stages").findValuesAsText("name"))
          .contains("sink-0", "sink-1", "sink-2", "sink-3");
      // Whoever joins last may have none of the partitions for a moment.
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(migration.askTarget(ORIGINS).split(" "))
                      .hasSize(4)
                      .contains("segue_crowd_0"));

      writeAndShuffle(migration, pipeline, 1);
      migration.drain(Duration.ofMinutes(2));
      assertSame(migration);

      pipeline.kill();
      configure(migration, 2);
      pipeline = migration.startFollowing();
      writeAndShuffle(migration, pipeline, 2);
      migration.drain(Duration.ofMinutes(2));
      assertSame(migration);

      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      configure(migration, 1);
      String report = migration.directory().resolve("report.json").toString();
      assertThat(migration.run("complete", "--abandon", "--report", report).all())
          .contains("replication origin segue_crowd_5");
      assertThat(migration.askTarget(ORIGINS)).isEmpty();
    }
  }

  private static void writeAndShuffle(Migration migration, Pipeline pipeline, long seed)
      throws Exception {
    try (Workload workload =
            Workload.start(
                () -> Servers.source().connect(migration.database()), SESSIONS, 3, 100, 500, seed);
        Connection source = migration.source()) {
      Random random = new Random(seed);
      for (int i = 0; i < 20; i++) {
        source.createStatement().execute(SHUFFLE.formatted(random.nextInt(1000)));
        if (i == 10) {
          source.createStatement().execute("TRUNCATE messages");
        }
        assertThat(pipeline.process().isAlive()).as("%s", migration.logTail()).isTrue();
      }
      workload.await();
    }
  }

  private static void assertSame(Migration migration) throws Exception {
    try (Connection source = migration.source();
        Connection target = migration.target()) {
      Oracle.Verdict verdict = Oracle.judge(source, target);
      assertThat(verdict.messages()).isPositive();
      assertThat(verdict.foundNothing()).as("%s\n%s", verdict, migration.logTail()).isTrue();
    }
    assertThat(migration.askTarget("SELECT count(*) FROM segue.parked")).isEqualTo("0");
  }

  @Test
  @Tag("long")
  void aValueThatOneRowGivesUpIsTakenByAnother() throws Exception {
    try (Migration migration = Migration.ofStore("tokens", SESSIONS, 3)) {
      migration.onSource("DELETE FROM messages");
      migration.onSource(token("md5('old' || i)", "i", "SELECT i FROM generate_series(1, 600) i"));
      migration.onTarget("CREATE UNIQUE INDEX ON aria_engine.chat_messages (content)");
      configure(migration, 4);
      Pipeline pipeline = migration.startFollowing();
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      try (Connection source = migration.source()) {
        for (int i = 1; i <= 600; i++) {
          source
              .createStatement()
              .execute("DELETE FROM messages WHERE content = 'token " + i + "'");
          source
              .createStatement()
              .execute(token("md5('new' || i)", "i * 7 + 1", "SELECT " + i + " AS i"));
        }
      }

      pipeline = migration.start(Map.of());
      migration.drain(Duration.ofMinutes(2));

      assertSame(migration);
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
    }
  }

  /** Writes messages whose content no other message may have. */
  private static String token(String id, String session, String numbers) {
    return """
    INSERT INTO messages (id, session_id, role, content, created_at)
    SELECT (%s)::uuid, s.id, 'user', 'token ' || i, now()
    FROM (%s) n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM sessions) s
      ON s.place = (%s) %% (SELECT count(*) FROM sessions)
    """
        .formatted(id, numbers, session);
  }
}
