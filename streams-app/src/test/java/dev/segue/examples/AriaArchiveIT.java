package dev.segue.examples;

import static dev.segue.examples.AriaExample.BARE;
import static dev.segue.examples.AriaExample.CHAT;
import static dev.segue.examples.AriaExample.CRON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Aria's clean-up moves rows into archives while a migration follows it. */
class AriaArchiveIT {
  private static final String OLD = "5e0a7c11-4d2b-5b8f-8f10-2a6c9d3e7b01";
  private static final String COPY = "5e0a7c11-4d2b-5b8f-8f10-2a6c9d3e7b02";
  private static final String GONE = "5e0a7c11-4d2b-5b8f-8f10-2a6c9d3e7b03";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String ARCHIVES =
      """
      CREATE TABLE aria_data.agent_sessions_archive
        (LIKE aria_data.agent_sessions INCLUDING ALL, archived_at timestamptz DEFAULT now());
      CREATE TABLE aria_data.agent_sessions_archived
        (id uuid PRIMARY KEY, agent_id varchar(100), started_at timestamptz, status varchar(50));
      CREATE TABLE aria_data.session_messages_archive
        (LIKE aria_data.session_messages INCLUDING ALL, archived_at timestamptz DEFAULT now());
      """;

  private static final String COLUMNS =
      "id, agent_id, session_type, started_at, ended_at, messages_count, tokens_used, cost_usd,"
          + " status, metadata";

  private static final String MESSAGES =
      "id, session_id, external_session_id, agent_id, role, content, content_hash, source_channel,"
          + " metadata, created_at";

  private static Pipeline start(Migration migration) throws Exception {
    Pipeline pipeline = migration.start(Map.of());
    migration.awaitStreaming(pipeline);
    migration.awaitBothWays(pipeline);
    return pipeline;
  }

  private static String archived(String session, String status) {
    return "INSERT INTO aria_data.agent_sessions_archive (id, agent_id, started_at, status) VALUES ('"
        + session
        + "', 'aria', '2026-01-01', '"
        + status
        + "')";
  }

  /** As Aria does it: what was said first, in one transaction. */
  private static String cleanUp(String session) {
    return ("BEGIN; INSERT INTO aria_data.session_messages_archive (%2$s) SELECT %2$s FROM"
            + " aria_data.session_messages WHERE session_id = '%1$s';"
            + " DELETE FROM aria_data.session_messages WHERE session_id = '%1$s';"
            + " INSERT INTO aria_data.agent_sessions_archive (%3$s) SELECT %3$s FROM"
            + " aria_data.agent_sessions WHERE id = '%1$s';"
            + " DELETE FROM aria_data.agent_sessions WHERE id = '%1$s'; COMMIT")
        .formatted(session, MESSAGES, COLUMNS);
  }

  private static String status(Migration migration, String session) throws Exception {
    return migration.askTarget(
        "SELECT coalesce((SELECT status FROM aria_engine.chat_sessions WHERE id = '"
            + session
            + "'), 'gone')");
  }

  private static String messages(Migration migration, String session) throws Exception {
    return migration.askTarget(
        "SELECT count(*) FROM aria_engine.chat_messages WHERE session_id = '" + session + "'");
  }

  @Test
  void archivedRowsStayAndDeletedOnesGo() throws Exception {
    try (Migration migration =
        AriaExample.migration("archived", ARCHIVES, "cutover: {max-pause: 10s}")) {
      migration.onSource(archived(OLD, "old"));
      migration.onSource(archived(GONE, "old"));
      migration.onSource(archived(CRON, "a copy"));
      Migration.Outcome plan = migration.mustRun("plan");
      assertThat(plan.all())
          .contains("aria_data.agent_sessions_archive: has 1 rows that are in aria_data")
          .contains("agent_sessions_archive.archived_at: is not in aria_data.agent_sessions")
          .contains("agent_sessions_archived.cost_usd: is missing")
          .contains("REPLICA IDENTITY FULL, because rows may be moved");
      start(migration);
      assertThat(status(migration, OLD)).isEqualTo("old");
      assertThat(status(migration, CRON)).isEqualTo("active");
      migration.mustRun("verify");

      // In one transaction; its copy was older.
      migration.onSource("DELETE FROM aria_data.agent_sessions_archive WHERE id = '" + CRON + "'");
      migration.onSource(cleanUp(CRON));
      // Out first, then in, each by itself; and into a table that lacks columns.
      migration.onSource("DELETE FROM aria_data.agent_sessions WHERE id = '" + BARE + "'");
      migration.onSource(archived(BARE, "late"));
      migration.onSource(
          "INSERT INTO aria_data.agent_sessions_archived SELECT id, agent_id, started_at, status"
              + " FROM aria_data.agent_sessions WHERE id = '"
              + CHAT
              + "'");
      migration.onSource(
          "UPDATE aria_data.session_messages SET metadata = metadata WHERE session_id = '"
              + CHAT
              + "'");
      migration.onSource(
          "INSERT INTO aria_data.session_messages_archive ("
              + MESSAGES
              + ") SELECT "
              + MESSAGES
              + " FROM aria_data.session_messages WHERE session_id = '"
              + CHAT
              + "'");
      migration.onSource(
          "DELETE FROM aria_data.session_messages WHERE session_id = '" + CHAT + "'");
      migration.onSource("DELETE FROM aria_data.agent_sessions WHERE id = '" + CHAT + "'");
      migration.onSource(
          "UPDATE aria_data.agent_sessions_archived SET status = 'kept' WHERE id = '" + CHAT + "'");
      migration.onSource("DELETE FROM aria_data.agent_sessions_archive WHERE id = '" + GONE + "'");
      migration.drain(PATIENCE);
      assertThat(status(migration, CRON)).isEqualTo("active");
      assertThat(messages(migration, CRON)).isEqualTo("2");
      assertThat(status(migration, BARE)).isEqualTo("late");
      assertThat(status(migration, CHAT)).isEqualTo("kept");
      assertThat(messages(migration, CHAT)).isEqualTo("3");
      assertThat(status(migration, GONE)).isEqualTo("gone");
      // What the archive has no column for is as it was.
      assertThat(
              migration.askTarget(
                  "SELECT total_cost || ' ' || model || ' ' || (metadata->>'source')"
                      + " FROM aria_engine.chat_sessions WHERE id = '"
                      + CHAT
                      + "'"))
          .isEqualTo("0.010000 gpt-4o openclaw_live");
      migration.mustRun("verify");
    }
  }

  @Test
  void archivedSessionsChangeHandsAndComeBack() throws Exception {
    try (Migration migration =
        AriaExample.migration("archiveback", ARCHIVES, "cutover: {max-pause: 10s}")) {
      migration.onSource(cleanUp(CHAT));
      migration.onSource(archived(OLD, "old"));
      migration.onSource(archived(COPY, "old"));
      Pipeline pipeline = start(migration);
      migration.mustRun("cutover", "--all");
      assertThatThrownBy(
              () ->
                  migration.onSource(
                      "DELETE FROM aria_data.agent_sessions_archive WHERE id = '" + OLD + "'"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SG001"));
      migration.onTarget(
          "INSERT INTO aria_engine.chat_messages (id, session_id, agent_id, role, content)"
              + " VALUES (gen_random_uuid(), '"
              + CHAT
              + "', 'aria', 'assistant', 'from the engine')");
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions SET status = 'revived' WHERE id = '" + CHAT + "'");
      migration.onTarget("DELETE FROM aria_engine.chat_sessions WHERE id = '" + OLD + "'");
      migration.drainBack(PATIENCE);
      migration.mustRun("rollback", "--all");
      assertThat(
              migration.askSource(
                  "SELECT s.status || ' ' || m.content FROM aria_data.agent_sessions s"
                      + " JOIN aria_data.session_messages m ON m.session_id = s.id"
                      + " WHERE s.id = '"
                      + CHAT
                      + "'"))
          .isEqualTo("revived from the engine");
      assertThat(
              migration.askSource(
                  "SELECT string_agg(id::text, ' ' ORDER BY id)"
                      + " FROM aria_data.agent_sessions_archive"))
          .isEqualTo(COPY + " " + CHAT);
      migration.mustRun("verify");

      // The source's again: what it cleans up moves, and what it deletes is gone.
      migration.onSource("DELETE FROM aria_data.agent_sessions_archive WHERE id = '" + COPY + "'");
      migration.onSource("DELETE FROM aria_data.agent_sessions_archive WHERE id = '" + CHAT + "'");
      migration.onSource(cleanUp(BARE));
      migration.drain(PATIENCE);
      assertThat(status(migration, COPY)).isEqualTo("gone");
      assertThat(status(migration, CHAT)).isEqualTo("revived");
      assertThat(status(migration, BARE)).isNotEqualTo("gone");
      assertThat(messages(migration, CHAT)).isEqualTo("4");
      migration.mustRun("verify");
      assertThat(pipeline.process().isAlive()).isTrue();
    }
  }

  @Test
  void whatCannotBeFollowedStopsTheMigration() throws Exception {
    try (Migration migration =
        AriaExample.migration("archivestop", ARCHIVES, "cutover: {max-pause: 10s}")) {
      migration.onSource(archived(OLD, "old"));
      Pipeline pipeline = start(migration);
      migration.onSource("TRUNCATE aria_data.agent_sessions_archive");
      assertThat(pipeline.process().waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(migration.logTail())
          .contains("agent_sessions_archive was emptied by TRUNCATE")
          .contains("use DELETE");
    }
  }

  /** Any order of moves ends at what the tables hold, however late capture looks. */
  @Test
  void randomMovesEndAtWhatTheTablesHold() throws Exception {
    long seed = Long.getLong("archive.seed", System.nanoTime());
    System.out.println("archive.seed=" + seed);
    try (Migration migration =
        AriaExample.migration("archiverandom", ARCHIVES, "cutover: {max-pause: 10s}")) {
      Pipeline pipeline = start(migration);
      for (int round = 0; round < 3; round++) {
        // Looked at while it happens; after all of it; and by a process that was away meanwhile.
        if (round == 1) {
          signal("STOP", pipeline);
        } else if (round == 2) {
          pipeline.kill();
        }
        write(migration, seed + round);
        if (round == 1) {
          signal("CONT", pipeline);
        } else if (round == 2) {
          pipeline = start(migration);
        }
        migration.drain(PATIENCE);
        assertThat(
                migration.askTarget(
                    "SELECT string_agg(id || ' ' || status, chr(10) ORDER BY id)"
                        + " FROM aria_engine.chat_sessions WHERE agent_id = 'random'"))
            .as("seed %d, round %d", seed, round)
            .isEqualTo(
                migration.askSource(
                    """
                    SELECT string_agg(id || ' ' || status, chr(10) ORDER BY id) FROM (
                      SELECT id, status FROM aria_data.agent_sessions WHERE agent_id = 'random'
                      UNION ALL
                      SELECT id, status FROM aria_data.agent_sessions_archive a
                      WHERE agent_id = 'random' AND NOT EXISTS
                        (SELECT FROM aria_data.agent_sessions s WHERE s.id = a.id)
                      UNION ALL
                      SELECT id, status FROM aria_data.agent_sessions_archived b
                      WHERE agent_id = 'random' AND NOT EXISTS
                        (SELECT FROM aria_data.agent_sessions s WHERE s.id = b.id)
                        AND NOT EXISTS
                        (SELECT FROM aria_data.agent_sessions_archive a WHERE a.id = b.id)) r
                    """));
      }
      migration.mustRun("verify");
    }
  }

  private static void signal(String name, Pipeline pipeline) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(pipeline.process().pid()))
                .start()
                .waitFor())
        .isZero();
  }

  private static void write(Migration migration, long seed) throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int writer = 0; writer < 2; writer++) {
        Writer next = new Writer(migration, writer, new Random(seed * 31 + writer));
        done.add(writers.submit(next::write, null));
      }
      for (Future<?> each : done) {
        each.get();
      }
    } finally {
      writers.shutdownNow();
    }
  }

  /** Moves sessions of its own between three tables; each step may be a transaction by itself. */
  private record Writer(Migration migration, int number, Random random) {
    private static final List<String> TABLES =
        List.of("agent_sessions", "agent_sessions_archive", "agent_sessions_archived");

    void write() {
      try (Connection connection = migration.source();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        for (int step = 0; step < 250; step++) {
          statement.execute(step());
          if (random.nextInt(3) > 0) {
            connection.commit();
          }
          if (random.nextInt(40) == 0) {
            Thread.sleep(random.nextInt(120));
          }
        }
        connection.commit();
      } catch (SQLException | InterruptedException e) {
        throw new IllegalStateException(e);
      } catch (Exception e) {
        throw new IllegalStateException("no connection", e);
      }
    }

    private String table() {
      return "aria_data." + TABLES.get(random.nextInt(TABLES.size()));
    }

    private String step() {
      String id = "'%08d-0000-4000-8000-00000000000%d'".formatted(random.nextInt(6), number);
      String status = "'s" + random.nextInt(100000) + "'";
      String in = table();
      String from = table();
      String columns = "(id, agent_id, started_at, status)";
      return switch (random.nextInt(5)) {
        case 0 ->
            "INSERT INTO "
                + in
                + " "
                + columns
                + " VALUES ("
                + id
                + ", 'random', now(), "
                + status
                + ") ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status";
        case 1 -> "UPDATE " + in + " SET status = " + status + " WHERE id = " + id;
        case 2 -> "DELETE FROM " + in + " WHERE id = " + id;
        case 3 ->
            "INSERT INTO "
                + in
                + " "
                + columns
                + " SELECT id, agent_id, started_at, status FROM "
                + from
                + " WHERE id = "
                + id
                + " ON CONFLICT (id) DO NOTHING; DELETE FROM "
                + from
                + " WHERE id = "
                + id;
        default ->
            "WITH moved AS (DELETE FROM "
                + from
                + " WHERE id = "
                + id
                + " RETURNING *)"
                + " INSERT INTO "
                + in
                + " "
                + columns
                + " SELECT id, agent_id, started_at, status FROM moved ON CONFLICT (id) DO NOTHING";
      };
    }
  }
}
