package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables that agent frameworks make, whose rows are whole messages, as sources. */
class FrameworkTablesIT {
  private static final Duration MOST = Duration.ofSeconds(60);

  private static Migration migration(String name, String source, String target) throws Exception {
    return new Migration(name)
        .config(
            source,
            target,
            "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}",
            "capture: {heartbeat: 300ms}",
            // Long, for a busy machine: how long it takes is measured elsewhere.
            "cutover: {max-pause: 20s}");
  }

  private static final String SDK =
      """
      CREATE TABLE agent_sessions (session_id VARCHAR PRIMARY KEY,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
      CREATE TABLE agent_messages (id SERIAL PRIMARY KEY, session_id VARCHAR NOT NULL
        REFERENCES agent_sessions ON DELETE CASCADE, message_data TEXT NOT NULL,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
      INSERT INTO agent_sessions SELECT 'u:' || i FROM generate_series(1, 20) i;
      """;

  private static final String TURN =
      """
      INSERT INTO agent_messages (session_id, message_data)
        SELECT 'u:' || i, item FROM generate_series(1, 20) i, (VALUES
          ('{"role":"user","content":"weather? \\u00e9 \\/"}'),
          ('{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"}'),
          ('{"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{\\"n\\": 1.10}"}'),
          ('{"type":"function_call_output","call_id":"c1","output":"12C"}'),
          ('{"id":"m","type":"message","role":"assistant","content":[{"type":"output_text","text":"12C"}]}'))
          items (item)
      """;

  private static final String ITEMS =
      "SELECT md5(string_agg(id || ' ' || session_id || ' ' || message_data, ' ' ORDER BY id))"
          + " FROM agent_messages WHERE id < 1000";

  @Test
  void itemsGoOverAndComeBack() throws Exception {
    try (Migration migration = migration("sdktables", "openai-agents-sql", "segue-postgres")) {
      migration.onSource(SDK + TURN);
      Migration.Outcome plan = migration.mustRun("plan", "--create-target");
      assertThat(plan.out()).doesNotContain("Will be lost");
      migration.startFollowing();
      migration.onSource(TURN);
      migration.onSource(
          "DELETE FROM agent_messages WHERE id = (SELECT max(id) FROM agent_messages)");
      migration.drain(MOST);
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' ' || count(*) FILTER (WHERE kind = 'reasoning') || ' '"
                      + " || count(*) FILTER (WHERE tool_calls = '[{\"id\": \"c1\", \"name\": \"f\","
                      + " \"arguments\": {\"n\": 1.10}}]') || ' ' || count(*) FILTER (WHERE role ="
                      + " 'user' AND content = 'weather? é /') FROM agent_store.messages"))
          .isEqualTo("199 40 40 40");
      migration.mustRun("verify");

      migration.mustRun("cutover", "--all");
      String before = migration.askSource(ITEMS);
      migration.onTarget(
          "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at)"
              + " VALUES ('u:3', '5000', 'user', 'thanks', now()),"
              + " ('u:3', '5001', 'assistant', 'Any time.', now())");
      // What comes back unchanged is the item that it was, whatever else was noted beside it.
      migration.onTarget(
          "UPDATE agent_store.messages SET model = 'm' WHERE session_id IN ('u:3', 'u:4')");
      migration.drainBack(MOST);
      assertThat(
              migration.askSource(
                  "SELECT string_agg(message_data, ' ' ORDER BY id) FROM agent_messages"
                      + " WHERE id >= 1000"))
          .isEqualTo(
              "{\"role\":\"user\",\"content\":\"thanks\"}"
                  + " {\"role\":\"assistant\",\"content\":\"Any time.\"}");
      assertThat(migration.askSource(ITEMS)).isEqualTo(before);
      migration.mustRun("rollback", "--all");
      migration.mustRun("verify");
    }
  }

  private static final String LANGCHAIN =
      """
      CREATE TABLE chat_history (id SERIAL PRIMARY KEY, session_id UUID NOT NULL,
        message JSONB NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT NOW());
      """;

  private static final String N8N =
      """
      CREATE TABLE n8n_chat_histories (id SERIAL PRIMARY KEY, session_id VARCHAR(255) NOT NULL,
        message JSONB NOT NULL);
      """;

  private static final String LANGCHAIN_TURN =
      """
      INSERT INTO chat_history (session_id, message)
        SELECT ('7c1e0f9a-3b5d-4e6f-8a9b-00000000000' || i)::uuid, message
        FROM generate_series(1, 9) i, (VALUES
          ('{"type": "human", "data": {"content": "weather?", "id": null}}'::jsonb),
          ('{"type": "ai", "data": {"content": "", "tool_calls":
            [{"name": "f", "args": {"n": 1.10}, "id": "c1"}]}}'),
          ('{"type": "tool", "data": {"content": "12C", "tool_call_id": "c1"}}')) m (message)
      """;

  @Test
  void chatHistoriesGoOverAndComeBack() throws Exception {
    try (Migration migration = migration("lctables", "langchain-postgres", "segue-postgres")) {
      migration.onSource(LANGCHAIN + LANGCHAIN_TURN);
      migration.mustRun("plan", "--create-target");
      migration.startFollowing();
      migration.onSource(LANGCHAIN_TURN);
      migration.drain(MOST);
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' ' || count(DISTINCT session_id) || ' ' || string_agg("
                      + "DISTINCT role, ' ') || ' ' || (min(tool_calls::text)::jsonb->0->>'name')"
                      + " FROM agent_store.messages"))
          .isEqualTo("54 9 assistant tool user f");
      migration.mustRun("verify");

      Path one =
          Files.writeString(
              migration.directory().resolve("one"), "7c1e0f9a-3b5d-4e6f-8a9b-000000000003\n");
      migration.mustRun("cutover", "--sessions", one.toString());
      migration.onTarget(
          "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at)"
              + " VALUES ('7c1e0f9a-3b5d-4e6f-8a9b-000000000003', '5000', 'user', 'thanks', now())");
      migration.drainBack(MOST);
      assertThat(
              migration.askSource(
                  "SELECT message->'data'->>'content' FROM chat_history"
                      + " WHERE id = 5000 AND message->>'type' = 'human'"))
          .isEqualTo("thanks");
      migration.mustRun("verify");

      // There is no table of sessions: they are those that have rows.
      for (String[] move :
          List.of(
              new String[] {"cutover", "--slice", "50%"},
              new String[] {"cutover", "--all"},
              new String[] {"rollback", "--idle-for", "0s"})) {
        migration.mustRun(move);
      }
      Migration.Outcome where = migration.run("cutover", "--where", "agent_name = x");
      assertThat(where.all()).contains("no table of sessions to look into");
      migration.mustRun("verify");
    }
  }

  @Test
  void chatHistoriesBecomeThoseOfAnotherFrameworkAndComeBack() throws Exception {
    try (Migration migration = migration("n8ntarget", "langchain-postgres", "n8n-postgres")) {
      migration.onSource(LANGCHAIN + LANGCHAIN_TURN);
      // As n8n makes it: then numbers are kept.
      migration.onTarget(N8N);
      migration.mustRun("plan");
      migration.startFollowing();
      migration.onSource(LANGCHAIN_TURN);
      migration.drain(MOST);
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' ' || count(DISTINCT session_id) || ' ' || count(*) FILTER"
                      + " (WHERE message->'tool_calls'->0->'args' = '{\"n\": 1.10}')"
                      + " || ' ' || count(*) FILTER (WHERE message->>'tool_call_id' = 'c1')"
                      + " FROM n8n_chat_histories"))
          .isEqualTo("54 9 18 18");
      migration.mustRun("verify");

      migration.mustRun("cutover", "--all");
      migration.onTarget(
          "INSERT INTO n8n_chat_histories (id, session_id, message) VALUES (5000,"
              + " '7c1e0f9a-3b5d-4e6f-8a9b-000000000003', '{\"type\":\"human\",\"content\":\"thanks\"}')");
      migration.drainBack(MOST);
      assertThat(
              migration.askSource(
                  "SELECT session_id || ' ' || (message->'data'->>'content') FROM chat_history"
                      + " WHERE id = 5000"))
          .isEqualTo("7c1e0f9a-3b5d-4e6f-8a9b-000000000003 thanks");
      migration.mustRun("verify");
    }
  }

  @Test
  void numbersAndTheirOrderAreKeptWhereBothSidesHaveThem() throws Exception {
    try (Migration migration = migration("n8ntables", "n8n-postgres", "langchain-postgres")) {
      migration.onSource(
          N8N
              + """
          INSERT INTO n8n_chat_histories (session_id, message)
            SELECT 'whatsapp-' || i % 7, jsonb_build_object('type', 'human', 'content', 'm' || i,
              'additional_kwargs', '{}'::jsonb, 'response_metadata', '{}'::jsonb)
            FROM generate_series(1, 500) i;
          """);
      migration.onTarget(LANGCHAIN);
      Migration.Outcome plan = migration.mustRun("plan");
      assertThat(plan.out()).contains("message.unknown").doesNotContain("numbered as rows");
      migration.startFollowing();
      migration.onSource(
          "INSERT INTO n8n_chat_histories (session_id, message) VALUES ('whatsapp-1',"
              + " '{\"type\":\"ai\",\"content\":\"Hello\",\"tool_calls\":[]}')");
      migration.drain(MOST);
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' ' || count(DISTINCT session_id) || ' ' || count(*) FILTER"
                      + " (WHERE message->>'type' = 'human' AND message->'data'->>'content'"
                      + " = 'm' || id) || ' ' || max(message->'data'->>'content')"
                      + " FILTER (WHERE message->>'type' = 'ai') FROM chat_history"))
          .isEqualTo("501 7 500 Hello");
      migration.mustRun("verify");
    }
  }
}
