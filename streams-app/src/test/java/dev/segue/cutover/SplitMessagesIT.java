package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Messages that say something and call tools, into tables where each of these is an item. */
class SplitMessagesIT {
  private static final Duration MOST = Duration.ofSeconds(60);

  /** As Segue makes it: with ids that are texts, so that the application's items can come back. */
  private static final String LANGCHAIN =
      """
      CREATE TABLE chat_history (segue_id TEXT PRIMARY KEY DEFAULT gen_random_uuid()::text,
        id SERIAL UNIQUE, session_id UUID NOT NULL, message JSONB NOT NULL,
        created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp());
      CREATE FUNCTION session(i int) RETURNS uuid RETURN
        ('7c1e0f9a-3b5d-4e6f-8a9b-00000000000' || i)::uuid;
      CREATE FUNCTION says(what text, calls text DEFAULT '') RETURNS jsonb RETURN
        jsonb_build_object('type', 'ai', 'data', jsonb_build_object('content', what, 'tool_calls',
          (SELECT coalesce(jsonb_agg(jsonb_build_object('id', call, 'name', 'f', 'args',
            '{"n": 1.10}'::jsonb)), '[]') FROM string_to_table(calls, ' ') call WHERE call <> '')));
      """;

  private static final String TURN =
      """
      INSERT INTO chat_history (segue_id, session_id, message)
        SELECT i || ':' || n || ':%1$s', session(i), message FROM generate_series(1, 9) i, (VALUES
          (1, '{"type": "human", "data": {"content": "weather?", "id": null}}'::jsonb),
          (2, says('I look.', 'c1 c2')),
          (3, '{"type": "tool", "data": {"content": "12C", "tool_call_id": "c1"}}'),
          (4, '{"type": "tool", "data": {"content": "13C", "tool_call_id": "c2"}}'),
          (5, says('', 'c3 c4')),
          (6, says('Twelve.'))) m (n, message) ORDER BY n, i;
      """;

  /** What a turn is for who reads items in their order. */
  private static final String TURN_AS_ITEMS = "user I look. c1 c2 >c1 >c2 c3 c4 Twelve.";

  private static final String SHORT =
      "CASE WHEN i->>'type' = 'function_call' THEN i->>'call_id'"
          + " WHEN i->>'type' = 'function_call_output' THEN '>' || (i->>'call_id')"
          + " WHEN i->>'role' = 'user' THEN 'user' ELSE i->>'content' END";

  private static Migration migration(String name) throws Exception {
    return new Migration(name)
        .config(
            "langchain-postgres",
            "openai-agents-sql",
            "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}",
            "capture: {heartbeat: 300ms}",
            "cutover: {max-pause: 20s}");
  }

  /** Has one turn of each session moved, and what comes after it. */
  private static void follow(Migration migration) throws Exception {
    migration.onSource(LANGCHAIN + TURN.formatted("a"));
    migration.mustRun("plan", "--create-target");
    migration.startFollowing();
  }

  private static String items(Migration migration, int session) throws Exception {
    return migration.askTarget(
        "SELECT string_agg("
            + SHORT
            + ", ' ' ORDER BY created_at, id) FROM (SELECT id, created_at, message_data::jsonb i"
            + " FROM agent_messages WHERE session_id ="
            + " '7c1e0f9a-3b5d-4e6f-8a9b-00000000000"
            + session
            + "') m");
  }

  private static String update(String id, String message) {
    return "UPDATE chat_history SET message = " + message + " WHERE segue_id = '" + id + "';";
  }

  @Test
  void messagesAreAsManyItemsAsTheySayThings() throws Exception {
    try (Migration migration = migration("split")) {
      follow(migration);
      migration.onSource(TURN.formatted("b"));
      // Fewer, more, and none, some of them within one transaction.
      migration.onSource(update("1:2:a", "says('I know.')") + update("1:5:b", "says('', 'c3')"));
      migration.onSource(update("2:6:b", "says('Twelve.', 'd1 d2')"));
      migration.onSource(
          update("3:2:a", "says('I see.', 'e1 e2 e3')") + update("3:2:a", "says('I see.', 'e1')"));
      migration.onSource("DELETE FROM chat_history WHERE segue_id IN ('4:2:a', '4:5:b');");
      migration.onSource(
          "DELETE FROM chat_history WHERE segue_id = '5:2:b';"
              + "INSERT INTO chat_history (segue_id, session_id, message, created_at)"
              + " SELECT '5:2:b', session(6), says('Moved.', 'm1 m2'), '2040-01-01'");
      migration.onSource(
          "UPDATE chat_history SET session_id = session(8) WHERE segue_id = '7:2:b';");
      migration.drain(MOST);

      String both = TURN_AS_ITEMS + " " + TURN_AS_ITEMS;
      assertThat(items(migration, 9)).isEqualTo(both);
      assertThat(items(migration, 1))
          .isEqualTo(
              both.replaceFirst("I look. c1 c2", "I know.").replaceFirst("(.*)c3 c4", "$1c3"));
      assertThat(items(migration, 2)).isEqualTo(both + " d1 d2");
      assertThat(items(migration, 3)).isEqualTo(both.replaceFirst("I look. c1 c2", "I see. e1"));
      assertThat(items(migration, 4))
          .isEqualTo(both.replaceFirst("I look. c1 c2 ", "").replaceFirst("(.*)c3 c4 ", "$1"));
      assertThat(items(migration, 5)).isEqualTo(both.replaceFirst("(.*)I look. c1 c2 ", "$1"));
      assertThat(items(migration, 6)).isEqualTo(both + " Moved. m1 m2");
      assertThat(items(migration, 7)).isEqualTo(both.replaceFirst("(.*)I look. c1 c2 ", "$1"));
      assertThat(items(migration, 8))
          .isEqualTo(both.replaceFirst("(.*)I look. c1 c2", "$1I look. c1 c2 I look. c1 c2"));
      migration.mustRun("verify");
    }
  }

  @Test
  void sessionThatWasParkedGetsAllItemsOnceItIsMended() throws Exception {
    try (Migration migration = migration("splitparked")) {
      follow(migration);
      String nameless = "jsonb_set(says('Hm.', 'c8'), '{data,tool_calls,0,name}', 'null')";
      migration.onSource(update("1:2:a", nameless) + update("2:2:a", "says('Two.', 'g1')"));
      migration.onSource(update("1:5:a", "says('After.', 'h1 h2 h3')"));
      migration.drain(MOST);
      assertThat(migration.run("status").all()).contains("tool call without id or name");
      assertThat(items(migration, 2)).isEqualTo(TURN_AS_ITEMS.replace("I look. c1 c2", "Two. g1"));

      migration.onSource(update("1:2:a", "says('One.', 'c8')"));
      migration.mustRun("dead-letters", "retry");
      migration.drain(MOST);
      assertThat(items(migration, 1))
          .isEqualTo(
              TURN_AS_ITEMS
                  .replace("I look. c1 c2", "One. c8")
                  .replace("c3 c4", "After. h1 h2 h3"));
      migration.mustRun("verify");
    }
  }

  @Test
  void sessionsOfSeveralItemsAMessageComeBack() throws Exception {
    try (Migration migration = migration("splitback")) {
      migration.onSource(LANGCHAIN + TURN.formatted("a"));
      Matcher sessions =
          Pattern.compile(
                  "refers to public.agent_sessions .*?(INSERT .* DO NOTHING)", Pattern.DOTALL)
              .matcher(migration.mustRun("plan", "--create-target").out());
      assertThat(sessions.find()).isTrue();
      migration.startFollowing();
      migration.drain(MOST);
      String before = migration.askSource(messages(1));
      migration.mustRun("cutover", "--all");
      migration.mustRun("verify");
      // LangChain has no table of sessions that could have been moved.
      migration.onTarget(sessions.group(1));
      migration.onTarget(
          "INSERT INTO agent_messages (session_id, message_data) VALUES"
              + " ('7c1e0f9a-3b5d-4e6f-8a9b-000000000002', '{\"role\":\"user\",\"content\":\"ta\"}')");
      // As pop_item does it, twice: of two calls in one message one is left.
      migration.onTarget("DELETE FROM agent_messages WHERE segue_id IN ('3:6:a', '3:5:a/item-2')");
      migration.onTarget(
          "UPDATE agent_messages SET message_data = replace(message_data, '\"c2\"', '\"x2\"')"
              + " WHERE segue_id = '4:2:a/item-3'");
      migration.drainBack(MOST);
      assertThat(migration.askSource(messages(1))).isEqualTo(before);
      // A single row came back as deleted that the source does not have as one.
      assertThat(migration.run("rollback", "--all").all())
          .contains("2 sessions are not the same on both sides");
      assertThat(migration.run("verify").all())
          .contains("message 3:5:a is different", "message 4:2:a is different");
      migration.mustRun("verify", "--repair");
      migration.mustRun("rollback", "--all");
      migration.mustRun("verify");
      assertThat(migration.askSource(messages(1))).isEqualTo(before);
      assertThat(migration.askSource(messages(3))).doesNotContain("c4").contains("c3");
      migration.onSource(
          "INSERT INTO chat_history (segue_id, session_id, message) VALUES ('9:2:a/item-3',"
              + " session(9), says('I am no item.'))");
      migration.drain(MOST);
      assertThat(migration.run("verify").all())
          .contains("message 9:2:a/item-3 (twice) is different");
      assertThat(migration.askSource(messages(4))).doesNotContain("\"id\": \"c2\"").contains("x2");
    }
  }

  private static String messages(int session) {
    return "SELECT string_agg(message::text, ' ' ORDER BY id) FROM chat_history"
        + " WHERE session_id = session("
        + session
        + ")";
  }
}
