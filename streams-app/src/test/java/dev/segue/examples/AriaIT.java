package dev.segue.examples;

import static dev.segue.examples.AriaExample.BARE;
import static dev.segue.examples.AriaExample.CHAT;
import static dev.segue.examples.AriaExample.CRON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code examples/aria}: Aria's former tables into its engine, live, and back. */
class AriaIT {

  private static Pipeline start(Migration migration) throws Exception {
    Pipeline pipeline = migration.start(Map.of());
    migration.awaitStreaming(pipeline);
    migration.awaitLag(pipeline);
    return pipeline;
  }

  private static String envelope(Migration migration, String session) throws Exception {
    return migration.askTarget(
        "SELECT agent_id || ' ' || model || ' ' || status || ' ' || (metadata->>'source') || ' '"
            + " || coalesce(metadata->>'original_type', 'no type') FROM aria_engine.chat_sessions"
            + " WHERE id = '"
            + session
            + "'");
  }

  @Test
  void sessionsMoveIntoTheEngineLiveAndComeBack() throws Exception {
    try (Migration migration = AriaExample.migration("aria", "", "cutover: {max-pause: 10s}")) {
      Migration.Outcome plan = migration.mustRun("plan");
      assertThat(plan.out()).contains("aria_data.agent_sessions", "aria_engine.chat_sessions");
      Pipeline pipeline = start(migration);
      // As the sync router goes on doing.
      migration.onSource(
          "UPDATE aria_data.agent_sessions SET status = 'completed', ended_at = now(), metadata ="
              + " metadata || '{\"synced_at\": \"2026-02-10T05:00:00Z\"}' WHERE id = '"
              + CRON
              + "'");
      migration.onSource(
          "INSERT INTO aria_data.session_messages (session_id, agent_id, role, content)"
              + " VALUES ('"
              + BARE
              + "', 'aria', 'user', 'a first word')");
      migration.drain(Duration.ofSeconds(60));

      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM aria_engine.chat_sessions"
                      + " WHERE metadata->>'migrated_from' = 'agent_sessions'"))
          .isEqualTo(migration.askSource("SELECT count(*) FROM aria_data.agent_sessions"))
          .isEqualTo("3");
      assertThat(envelope(migration, CRON))
          .isEqualTo("main kimi completed openclaw_volume openclaw_cron");
      assertThat(envelope(migration, CHAT))
          .isEqualTo("aria gpt-4o completed openclaw_live interactive");
      assertThat(envelope(migration, BARE)).isEqualTo("aria unknown completed unknown no type");
      assertThat(
              migration.askTarget(
                  "SELECT metadata->'original_metadata'->>'openclaw_source_key' || ' '"
                      + " || (metadata->'original_metadata'->>'synced_at')"
                      + " FROM aria_engine.chat_sessions WHERE id = '"
                      + CRON
                      + "'"))
          .isEqualTo("agent:main:cron:x 2026-02-10T05:00:00Z");
      assertThat(migration.run("verify").out()).contains("3 of 3 sessions pass");

      // Once more, as the first time: nothing is new.
      String before =
          migration.askTarget("SELECT sum(xmin::text::bigint) FROM aria_engine.chat_sessions");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      start(migration);
      migration.drain(Duration.ofSeconds(60));
      assertThat(
              migration.askTarget("SELECT sum(xmin::text::bigint) FROM aria_engine.chat_sessions"))
          .isEqualTo(before);

      migration.mustRun("cutover", "--all");
      migration.onTarget(
          "INSERT INTO aria_engine.chat_messages (id, session_id, agent_id, role, content)"
              + " VALUES (gen_random_uuid(), '"
              + CHAT
              + "', 'aria', 'assistant', 'from the engine')");
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions SET status = 'paused' WHERE id = '" + CHAT + "'");
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions SET title = 'named' WHERE id = '" + BARE + "'");
      migration.mustRun("rollback", "--all");
      assertThat(
              migration.askSource(
                  "SELECT s.status || ' ' || (s.metadata->>'model') || ' ' || m.content FROM"
                      + " aria_data.agent_sessions s JOIN aria_data.session_messages m"
                      + " ON m.session_id = s.id WHERE s.id = '"
                      + CHAT
                      + "' ORDER BY m.created_at DESC LIMIT 1"))
          .isEqualTo("paused gpt-4o from the engine");
      // A null that was written as 'completed' is a null at home.
      assertThat(
              migration.askSource(
                  "SELECT coalesce(status, 'null') || ' ' || (metadata->'_segue'->>'title')"
                      + " FROM aria_data.agent_sessions WHERE id = '"
                      + BARE
                      + "'"))
          .isEqualTo("null named");
      assertThat(
              migration.askSource(
                  "SELECT string_agg(coalesce(external_session_id, '-') || ' ' || content_hash,"
                      + " ', ' ORDER BY id) FROM aria_data.session_messages WHERE session_id = '"
                      + CRON
                      + "'"))
          .contains("8f1c2b77 " + migration.askSource("SELECT md5('Good morning')"));
      assertThat(migration.run("verify").exit()).isZero();
    }
  }

  @Test
  void whatTheEngineCannotHoldIsNamed() throws Exception {
    try (Migration migration = AriaExample.migration("ariabad", "", "cutover: {max-pause: 10s}")) {
      String tooLong =
          "UPDATE aria_data.agent_sessions SET status = repeat('x', 30) WHERE id = '" + CHAT + "'";
      String noSession =
          "UPDATE aria_data.session_messages SET session_id = NULL"
              + " WHERE id = '00000000-0000-4000-8000-000000000001'";
      migration.onSource(tooLong);
      migration.onSource(noSession);
      Migration.Outcome plan = migration.run("plan");
      assertThat(plan.exit()).isNotZero();
      assertThat(plan.all())
          .contains("aria_engine.chat_sessions.status: is too narrow: 1 rows", "longest 30")
          .contains("aria_engine.chat_messages.session_id: is NOT NULL without a value for 1 rows");
      migration.onSource("UPDATE aria_data.agent_sessions SET status = 'active'");
      migration.onSource(
          "UPDATE aria_data.session_messages SET session_id = '"
              + CRON
              + "' WHERE session_id IS NULL");
      start(migration);

      migration.onSource(tooLong);
      migration.onSource(noSession);
      migration.drain(Duration.ofSeconds(60));
      assertThat(migration.run("status").out())
          .contains(CHAT + ": ", "character varying(20)", "belongs to no session");
      assertThat(migration.run("verify").out()).contains("session " + CHAT + " fail", "is parked");

      assertThat(migration.run("dead-letters", "show", "").out())
          .contains("1 dead letters of session ''", "belongs to no session");
      assertThat(migration.run("dead-letters", "retry", "").err()).contains("discard ''");
      assertThat(
              migration
                  .run("dead-letters", "discard", "", "--reason", "its session is gone")
                  .exit())
          .isZero();
      assertThat(migration.run("dead-letters", "list").out())
          .contains("'': belongs to no session", "left behind: its session is gone");

      migration.onSource("ALTER TABLE aria_data.agent_sessions ADD metadata_json jsonb");
      Migration.Outcome both = migration.run("plan");
      assertThat(both.exit()).as(both.all()).isNotZero();
      assertThat(both.all()).contains("metadata_json: and metadata both hold metadata");
    }
  }
}
