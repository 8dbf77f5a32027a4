package dev.segue.examples;

import static dev.segue.examples.AriaExample.CHAT;
import static dev.segue.examples.AriaExample.CRON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rows are moved into an archive that lacks some of the first table's columns. */
class SparseArchiveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String COLUMNS =
      "id, agent_id, started_at, ended_at, messages_count, tokens_used, status, metadata, channel,"
          + " due";

  /** Two columns that no layout lists, of which the archive has one; and a date. */
  private static final String SCHEMA =
      """
      ALTER TABLE aria_data.agent_sessions
        ADD channel text DEFAULT 'web', ADD thread text DEFAULT 't1', ADD due date;
      CREATE TABLE aria_data.agent_sessions_archive AS
        SELECT id, agent_id, started_at, ended_at, messages_count, tokens_used, status, metadata,
               channel, due
        FROM aria_data.agent_sessions WITH NO DATA;
      ALTER TABLE aria_data.agent_sessions_archive ADD PRIMARY KEY (id);
      """;

  private static final String MOVE =
      "BEGIN; INSERT INTO aria_data.agent_sessions_archive SELECT "
          + COLUMNS
          + " FROM aria_data.agent_sessions WHERE id = '"
          + CHAT
          + "'; UPDATE aria_data.agent_sessions_archive SET channel = 'mail', due = '2026-03-01',"
          + " metadata = '{\"source\": \"moved\"}' WHERE id = '"
          + CHAT
          + "'; SET LOCAL session_replication_role = replica;"
          + " DELETE FROM aria_data.agent_sessions WHERE id = '"
          + CHAT
          + "'; COMMIT";

  private static String chat(Migration migration) throws Exception {
    return migration.askTarget(
        "SELECT concat_ws(' ', total_cost, session_type, metadata->>'original_type',"
            + " metadata->'original_metadata'->>'source', metadata->>'source',"
            + " metadata->'segue'->'unknown'->>'channel',"
            + " metadata->'segue'->'unknown'->>'thread',"
            + " metadata->'segue'->'unknown'->>'due')"
            + " FROM aria_engine.chat_sessions WHERE id = '"
            + CHAT
            + "'");
  }

  private static void isAsTheArchiveTells(Migration migration) throws Exception {
    assertThat(chat(migration))
        .isEqualTo("0.010000 interactive interactive moved moved mail t1 2026-03-01");
    migration.mustRun("verify");
  }

  @Test
  void whatTheArchiveTellsArrivesAndTheRestStays() throws Exception {
    try (Migration migration =
        AriaExample.migration("sparsearchive", SCHEMA, "snapshot: {parallelism: 1}")) {
      Migration.Outcome plan = migration.run("plan");
      assertThat(plan.all())
          .contains("agent_sessions_archive.thread: is missing")
          .contains("agent_sessions_archive.session_type: is missing");
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.onSource(MOVE);
      // A copy that does not count is not told, also where it could not be read.
      migration.onSource(
          "INSERT INTO aria_data.agent_sessions_archive (id, agent_id, started_at, due)"
              + " VALUES ('"
              + CRON
              + "', 'main', '2026-01-01', 'infinity')");
      migration.onSource(
          "UPDATE aria_data.agent_sessions SET status = 'on' WHERE id = '" + CRON + "'");
      migration.drain(PATIENCE);
      isAsTheArchiveTells(migration);
      assertThat(
              migration.askTarget(
                  "SELECT status FROM aria_engine.chat_sessions WHERE id = '" + CRON + "'"))
          .isEqualTo("on");

      // What the archive does tell is compared.
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions"
              + " SET metadata = jsonb_set(metadata, '{original_metadata,source}', '\"other\"')"
              + " WHERE id = '"
              + CHAT
              + "'");
      assertThat(migration.run("verify").exit()).isEqualTo(1);
    }
  }

  @Test
  void snapshotThatGoesOnKeepsWhatTheArchiveCannotTell() throws Exception {
    try (Migration migration =
        AriaExample.migration("sparseresumed", SCHEMA, "snapshot: {parallelism: 1}")) {
      Pipeline first = migration.start(Map.of("SEGUE_FAILPOINTS", "snapshot-before-commit=halt@2"));
      assertThat(first.process().waitFor(120, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(chat(migration)).startsWith("0.010000 interactive interactive");
      migration.onSource(MOVE);
      Pipeline second = migration.start(Map.of());
      migration.awaitStreaming(second);
      migration.drain(PATIENCE);
      isAsTheArchiveTells(migration);
    }
  }
}
