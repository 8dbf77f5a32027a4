package dev.segue.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every kind of change that a source can make, through the front door, judged by SQL. */
class LiveMigrationIT {
  private static final String SOURCE =
      """
      CREATE TABLE sessions (
        id text PRIMARY KEY, user_id text, agent_name text, created_at timestamptz,
        updated_at timestamptz, metadata jsonb, mood text,
        mood_size int GENERATED ALWAYS AS (length(mood)) STORED);
      CREATE TABLE messages (
        id bigserial, session_id text REFERENCES sessions ON UPDATE CASCADE ON DELETE CASCADE,
        role text, content text, created_at timestamptz, tool_call_id text, tool_name text,
        metadata json, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE messages_low PARTITION OF messages FOR VALUES FROM (0) TO (1000);
      CREATE TABLE messages_high PARTITION OF messages FOR VALUES FROM (1000) TO (MAXVALUE);
      CREATE VIEW source_sessions AS SELECT id, md5(jsonb_build_array(user_id, agent_name,
        created_at, updated_at, metadata, mood)::text) AS hash FROM sessions;
      CREATE VIEW source_messages AS SELECT id::text, md5(jsonb_build_array(session_id, role,
        content, created_at, tool_call_id, tool_name, metadata)::text) AS hash FROM messages;
      """;

  private static final String SOURCE_HASHES =
      """
      SELECT string_agg(t || id || hash, E'\\n' ORDER BY (t || id) COLLATE "C") FROM (
        SELECT 's' AS t, * FROM source_sessions
        UNION ALL SELECT 'm', * FROM source_messages) x
      """;

  private static final String TARGET_HASHES =
      """
      SELECT string_agg(t || id || hash, E'\\n' ORDER BY (t || id) COLLATE "C") FROM (
        SELECT 's' AS t, session_id AS id, md5(jsonb_build_array(user_id, agent_name, created_at,
          updated_at, metadata, unknown->'mood')::text) AS hash FROM agent_store.sessions
        UNION ALL SELECT 'm', message_id, md5(jsonb_build_array(session_id, role, content,
          created_at, tool_call_id, tool_name, metadata)::text) FROM agent_store.messages) x
      """;

  private static void changeEverything(Migration migration) throws Exception {
    migration.onSource(
        """
        INSERT INTO sessions SELECT 'n' || i, 'u', 'a', now(), now(),
          jsonb_build_object('big', repeat(md5(i::text), 2000)), 'fine' FROM generate_series(1, 20) i;
        INSERT INTO messages (session_id, role, content, created_at, metadata)
          SELECT 'n' || (1 + i % 20), 'user', 'live ' || i, now(), '{"b": 1.10, "a": [ 1 ]}'
          FROM generate_series(1, 200) i;
        """);
    // An unchanged large value is not in the log.
    migration.onSource("UPDATE sessions SET updated_at = now() + interval '1 day', mood = NULL");
    migration.onSource("UPDATE messages SET content = content || '!' WHERE id % 3 = 0");
    // From one session to another, there and back.
    migration.onSource("UPDATE messages SET session_id = 'n1' WHERE session_id = 'n2'");
    migration.onSource("UPDATE messages SET session_id = 'n3' WHERE session_id = 'n1'");
    migration.onSource(
        "UPDATE messages SET session_id = 'n2' WHERE session_id = 'n3' AND id % 2 = 0");
    // Keys change, and change places.
    migration.onSource(
        """
        BEGIN;
        UPDATE messages SET id = 900001 WHERE id = (SELECT min(id) FROM messages);
        UPDATE messages SET id = 900002 WHERE id = (SELECT min(id) FROM messages);
        UPDATE messages SET id = 900000 WHERE id = 900001;
        UPDATE messages SET id = 900001 WHERE id = 900002;
        COMMIT;
        """);
    // A session's own key changes, and its messages follow it by cascade.
    migration.onSource("UPDATE sessions SET id = 'renamed' WHERE id = 'n4'");
    migration.onSource("DELETE FROM sessions WHERE id IN ('n5', 'h7')");
    migration.onSource("DELETE FROM messages WHERE id % 11 = 0");
  }

  @Test
  void everyKindOfChangeArrives() throws Exception {
    try (Migration migration = new Migration("everything")) {
      migration.onSource(SOURCE);
      migration.onSource(
          """
          INSERT INTO sessions SELECT 'h' || i, NULL, '', now(), NULL, NULL, 'ok'
            FROM generate_series(1, 30) i;
          INSERT INTO messages (session_id, role, content, created_at, metadata)
            SELECT 'h' || (1 + i % 30), 'user', CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE
            E'tab\\tnew\\nline\\\\' END, now(), CASE i % 2 WHEN 0 THEN '{}'::json END
            FROM generate_series(1, 1500) i;
          """);
      migration.config("callsphere", "segue-postgres", "snapshot: {chunk: 64KB}");
      assertThat(migration.run("plan", "--create-target").all()).contains("Nothing is in the way");
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      changeEverything(migration);
      migration.drain(Duration.ofSeconds(60));

      assertThat(migration.askTarget(TARGET_HASHES)).isEqualTo(migration.askSource(SOURCE_HASHES));

      migration.onSource("INSERT INTO sessions (id) VALUES ('before')");
      migration.onSource("TRUNCATE messages");
      migration.onSource(
          "INSERT INTO messages (session_id, role, created_at) SELECT 'before', 'user', now()"
              + " FROM generate_series(1, 50)");
      migration.drain(Duration.ofSeconds(60));

      assertThat(migration.askTarget("SELECT count(*) FROM agent_store.messages")).isEqualTo("50");
      assertThat(migration.askTarget(TARGET_HASHES)).isEqualTo(migration.askSource(SOURCE_HASHES));
      JsonNode status = pipeline.status().orElseThrow();
      assertThat(status.path("parked").path("sessions").intValue()).isZero();
      assertThat(status.path("slot").path("status").asText()).isEqualTo("reserved");
      assertThat(migration.log()).content().doesNotContain("meters of events");
      assertThat(migration.run("verify").all()).contains("Parity pass", "0 pending");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
    }
  }

  @Test
  void everyTypeIsTheSameBySnapshotAndByStream() throws Exception {
    try (Migration migration = new Migration("types")) {
      migration.onSource(
          """
          CREATE TYPE colour AS ENUM ('red', 'blå');
          CREATE TABLE sessions (id int PRIMARY KEY, user_id text DEFAULT 'nobody',
            agent_name text,
            created_at timestamp, updated_at timestamptz, metadata jsonb,
            a smallint, b bigint, c numeric, d numeric(12,3), e real, f double precision,
            g boolean, h char(5), i varchar(9), j colour, k uuid, l date, m time, n bytea,
            o text[], p int[], q json, r timestamptz, s inet, t uuid[], u timestamp, v jsonb, w interval,
            x int4range, y date);
          CREATE TABLE messages (id int PRIMARY KEY, session_id int, role text, content text,
            created_at timestamptz);
          CREATE FUNCTION fill(first int) RETURNS void LANGUAGE sql AS $$
            INSERT INTO sessions VALUES
            (first, 'x', 'y', '2026-01-31 08:30:00.5', '2026-01-31 08:30:00.123456+02', '{"a": 1.10}',
             -7, 9007199254740993, 0.10, 1.500, 0.1, 1e-7, true, 'ab', 'æ', 'blå',
             'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '2026-02-28', '12:34:56.7', '\\xdeadbeef',
             '{a,"b \\"c\\\\",NULL,"NULL",""}', '{1,NULL,3}', '{"b":1, "a": 1e400}', 'infinity',
             '10.0.0.1', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', '0044-03-15 BC', 'null', '1 mon 2 days 03:00:04.5',
             '[1,5)', '0044-03-15 BC'),
            (first + 1, NULL, '', NULL, '-infinity', 'null', NULL, NULL, 'NaN', 0, 'NaN', '-Infinity',
             false, NULL, '', NULL, NULL, '9999-12-31', '24:00', '', '{}', '{}', '[ ]', NULL,
             NULL, '{}', 'infinity', '{"x": null}', '0', 'empty',
             NULL),
            (first + 2, NULL, '', NULL, '12026-01-01 00:00+00', NULL, NULL, NULL,
             123456789012345678901234567890.123456789, -0.001, 1e20, 123456789.125, NULL, NULL, NULL,
             NULL, NULL, '0001-01-01', '00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             '-1 year -3 days', NULL, '12026-01-01')
          $$;
          SELECT fill(10);
          """);
      migration.config("callsphere", "segue-postgres");
      assertThat(migration.run("plan", "--create-target").exit()).isZero();
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.onSource("SELECT fill(20)");
      migration.drain(Duration.ofSeconds(60));

      String rows =
          "SELECT string_agg((to_jsonb(s) - 'session_id')::text, E'\\n' ORDER BY session_id)"
              + " FROM agent_store.sessions s WHERE session_id LIKE ";
      String snapshot = migration.askTarget(rows + "'1_'");
      String stream = migration.askTarget(rows + "'2_'");
      assertThat(stream.split("\n")).hasSize(3);
      assertThat(stream).isEqualTo(snapshot);
      assertThat(snapshot)
          .contains(
              "\"c\": 0.10", "\"b\": 9007199254740993", "\"c\": \"NaN\"", "\"l\": \"9999-12-31\"")
          .contains("2026-01-31T06:30:00.123456", "\"n\": \"\\\\xdeadbeef\"");
      assertThat(pipeline.status().orElseThrow().path("parked").path("sessions").intValue())
          .isZero();
      assertThat(migration.run("verify").out()).contains("Parity pass: 6 of 6 sessions pass");
      migration.onTarget("UPDATE agent_store.sessions SET user_id = 'z' WHERE session_id = '10'");
      assertThat(migration.run("verify").out())
          .contains("5 of 6 sessions pass, 1 fail", "session 10 is different in user_id");
    }
  }
}
