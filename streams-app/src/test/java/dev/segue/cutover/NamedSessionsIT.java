package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.demo.Pipeline;
import dev.segue.examples.Example;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Sessions whose ids are texts change hands with a target that has UUIDs. */
class NamedSessionsIT {
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final String ALICE = "2d7802da-464c-510f-b114-979d48d97b1a";

  private static final String STORE =
      """
      CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,
        created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
        metadata jsonb NOT NULL DEFAULT '{}');
      CREATE TABLE messages (id text PRIMARY KEY, session_id text NOT NULL, role text NOT NULL,
        content text, created_at timestamptz NOT NULL DEFAULT now(), tool_call_id text,
        tool_name text, metadata jsonb NOT NULL DEFAULT '{}');
      INSERT INTO sessions (id, user_id, agent_name)
        SELECT 'tg:' || i, 'u' || i, 'bot' FROM generate_series(1, 40) i;
      INSERT INTO sessions (id, user_id, agent_name) VALUES ('web/alice', 'alice', 'desk'),
        ('42', 'bob', 'desk'), ('7c1e0f9a-3b5d-4e6f-8a9b-000000000003', 'eve', 'desk'),
        -- Made of a name by the application itself: nobody here knows of what.
        ('0e6fb78b-7809-5b90-a5e4-16f39f307220', 'eve', 'desk');
      INSERT INTO messages (id, session_id, role, content)
        SELECT 'm-' || s.id || '-' || i, s.id, 'user', 'hello ' || i
        FROM sessions s, generate_series(1, 3) i;
      """;

  private static Migration migration(String name, String source, String target) throws Exception {
    return new Migration(name)
        .config(
            source,
            target,
            "capture: {heartbeat: 300ms}",
            "cutover: {max-pause: 10s}",
            "kafka: {partitions: 3, bootstrap: \"" + Servers.kafka() + "\"}");
  }

  private static String report(Migration migration) {
    return migration.directory().resolve("report").toString();
  }

  private static void say(Migration migration, String session, String text) throws Exception {
    migration.onTarget(
        "INSERT INTO aria_engine.chat_messages (id, session_id, agent_id, role, content)"
            + " VALUES (gen_random_uuid(), '"
            + session
            + "', 'desk', 'assistant', '"
            + text
            + "')");
  }

  private static void refuses(
      String state, org.assertj.core.api.ThrowableAssert.ThrowingCallable c) {
    assertThatThrownBy(c)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  @Test
  void namedSessionsGoOverAndComeBackAndGoOver() throws Exception {
    try (Migration migration = migration("namedsessions", "callsphere", "aria-engine")) {
      migration.onSource(STORE);
      migration.onTarget(Example.text("compose/target.sql"));
      Pipeline pipeline = migration.startFollowing();
      migration.onSource("INSERT INTO sessions (id, user_id) VALUES ('tg:late', 'u')");
      migration.drain(MOST);
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' ' || count(*) FILTER (WHERE session_id LIKE 'tg:%')"
                      + " || ' ' || string_agg(spelled, ' ') FILTER (WHERE session_id = 'web/alice')"
                      + " FROM segue.session_name"))
          .isEqualTo("42 41 " + ALICE);
      migration.mustRun("verify");

      migration.mustRun("cutover", "--slice", "50%");
      migration.mustRun("cutover", "--all");
      // What is answered may be a moment old while the machine is busy.
      await().untilAsserted(() -> assertThat(migration.run("status").out()).contains("target 100"));
      say(migration, ALICE, "said by the engine");
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions SET title = 'named' WHERE id = '" + ALICE + "'");
      migration.onTarget(
          "DELETE FROM aria_engine.chat_messages WHERE session_id = '"
              + ALICE
              + "' AND content = 'hello 2'");
      refuses(
          "SG001",
          () -> migration.onSource("UPDATE sessions SET user_id = 'x' WHERE id = 'web/alice'"));
      assertThat(
              migration.askTarget(
                  "SELECT segue.owner_of('web/alice') || ' ' || segue.owner_of('" + ALICE + "')"))
          .isEqualTo("target target");
      migration.drainBack(MOST);
      migration.mustRun("verify");

      migration.mustRun("rollback", "--where", "agent_name = desk");
      assertThat(
              migration.askSource(
                  "SELECT string_agg(content, ', ' ORDER BY created_at, id) || ' '"
                      + " || (SELECT metadata->'_segue'->>'title' FROM sessions"
                      + " WHERE id = 'web/alice') FROM messages WHERE session_id = 'web/alice'"))
          .isEqualTo("hello 1, hello 3, said by the engine named");
      assertThat(migration.askSource("SELECT count(*) FROM sessions")).isEqualTo("45");
      // The slots of both spellings differ; it is the name's that counts.
      refuses("SG001", () -> say(migration, ALICE, "too late"));
      migration.onSource("UPDATE sessions SET user_id = 'here again' WHERE id = 'web/alice'");
      migration.drain(MOST);

      // A process that knows nothing yet.
      pipeline.kill();
      pipeline = migration.startFollowing();
      migration.mustRun("rollback", "--all");
      migration.mustRun("verify");
      migration.mustRun("cutover", "--all");
      say(migration, ALICE, "and once more");
      migration.drainBack(MOST);
      assertThat(
              migration.askSource(
                  "SELECT session_id FROM messages WHERE content = 'and once more'"))
          .isEqualTo("web/alice");
      migration.mustRun("verify");
      assertThat(pipeline.stop(MOST)).isZero();
      migration.mustRun("complete", "--report", report(migration));
      assertThat(migration.askTarget("SELECT to_regclass('segue.session_name') IS NULL"))
          .isEqualTo(migration.askSource("SELECT to_regclass('segue.session_name') IS NULL"))
          .isEqualTo("t");
    }
  }

  @Test
  void sessionsWithoutRowsOfTheirOwnGoOverByName() throws Exception {
    try (Migration migration = migration("namedchats", "n8n-postgres", "langchain-postgres")) {
      migration.onSource(
          """
          CREATE TABLE n8n_chat_histories (id SERIAL PRIMARY KEY, session_id VARCHAR(255) NOT NULL,
            message JSONB NOT NULL);
          INSERT INTO n8n_chat_histories (session_id, message)
            SELECT 'whatsapp-' || i % 7, jsonb_build_object('type', 'human', 'content', 'm' || i,
              'additional_kwargs', '{}'::jsonb, 'response_metadata', '{}'::jsonb)
            FROM generate_series(1, 70) i;
          """);
      migration.onTarget(
          """
          CREATE TABLE chat_history (id SERIAL PRIMARY KEY, session_id UUID NOT NULL,
            message JSONB NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT NOW());
          """);
      Pipeline pipeline = migration.startFollowing();
      migration.mustRun("verify");
      // One that nobody has said anything in.
      Path some =
          Files.writeString(
              migration.directory().resolve("some"), "whatsapp-3\nwhatsapp-unheard\n");
      migration.mustRun("cutover", "--sessions", some.toString());
      migration.onTarget(
          "INSERT INTO chat_history (session_id, message) SELECT spelled::uuid,"
              + " jsonb_build_object('type', 'human', 'data', jsonb_build_object('content',"
              + " 'heard by ' || session_id)) FROM segue.session_name WHERE session_id IN"
              + " ('whatsapp-3', 'whatsapp-unheard')");
      refuses(
          "SG001",
          () ->
              migration.onTarget(
                  "INSERT INTO chat_history (session_id, message) SELECT spelled::uuid, '{}'"
                      + " FROM segue.session_name WHERE session_id = 'whatsapp-4'"));
      migration.drainBack(MOST);
      assertThat(
              migration.askSource(
                  "SELECT string_agg(session_id || ' ' || (message->>'content'), ', '"
                      + " ORDER BY session_id) FROM n8n_chat_histories WHERE id > 70"))
          .isEqualTo("whatsapp-3 heard by whatsapp-3, whatsapp-unheard heard by whatsapp-unheard");
      migration.mustRun("rollback", "--sessions", some.toString());
      migration.mustRun("verify");
      assertThat(pipeline.stop(MOST)).isZero();
      migration.mustRun("complete", "--abandon", "--report", report(migration));
      assertThat(migration.askTarget("SELECT to_regclass('segue.session_name') IS NULL"))
          .isEqualTo("t");
    }
  }
}
