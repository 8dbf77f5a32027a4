package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.api.sync.RedisCommands;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Redis lists into the tables that the same application keeps in PostgreSQL, live. */
class WholeMessagesIT {
  private static final int SESSIONS = 40;

  /** Numbers as they are spelt. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** What an agent of the SDK keeps, and what it might. */
  private static final List<String> ITEMS =
      List.of(
          "{\"role\":\"user\",\"content\":\"weather? \\ud83d\\ude00 \\u00e9 \\/\"}",
          "{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAA\"}",
          "{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"get_weather\","
              + "\"arguments\":\"{\\\"city\\\": \\\"SF\\\", \\\"n\\\": 1.10}\",\"status\":\"completed\"}",
          "{\"type\":\"function_call_output\",\"call_id\":\"call_1\",\"output\":\"a\\u0000b\"}",
          "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"completed\","
              + "\"content\":[{\"type\":\"output_text\",\"text\":\"12C\",\"annotations\":[]}]}",
          "{\"type\":\"web_search_call\",\"id\":\"ws_1\",\"action\":{\"query\":\"é\",\"n\":1e400,"
              + "\"big\":12345678901234567890}}",
          "{\"role\":\"user\", \"content\": \"\" }",
          "{\"neither\":[[],{}]}");

  private static String[] kafka() {
    return new String[] {
      "capture: {heartbeat: 300ms}",
      "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}"
    };
  }

  private static String key(int session) {
    return "agents:session:user:" + session;
  }

  /** As the SDK adds items: the hash is touched, the list grows. */
  private static void add(RedisCommands<String, String> commands, int session, int from, int to) {
    commands.hsetnx(key(session), "session_id", "user:" + session);
    commands.hset(key(session), "created_at", "1763690000");
    commands.hset(key(session), "updated_at", Integer.toString(1763690000 + to));
    for (int i = from; i < to; i++) {
      commands.rpush(key(session) + ":messages", ITEMS.get((session + i) % ITEMS.size()));
    }
  }

  private static List<String> texts(Connection target, String sql, String session)
      throws Exception {
    List<String> texts = new ArrayList<>();
    try (PreparedStatement statement = target.prepareStatement(sql)) {
      statement.setString(1, session);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
      }
    }
    return texts;
  }

  private static List<String> items(Connection target, int session) throws Exception {
    return texts(
        target,
        "SELECT message_data FROM agent_messages WHERE session_id = ? ORDER BY created_at, id",
        "user:" + session);
  }

  /** The tables are those that the SDK makes; the plan says what they lack. */
  private static void prepare(Migration migration) throws Exception {
    migration.onTarget(
        "CREATE TABLE agent_sessions (session_id VARCHAR PRIMARY KEY, created_at TIMESTAMP WITHOUT"
            + " TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL, updated_at TIMESTAMP WITHOUT TIME"
            + " ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL);"
            + " CREATE TABLE agent_messages (id SERIAL PRIMARY KEY, session_id VARCHAR NOT NULL"
            + " REFERENCES agent_sessions ON DELETE CASCADE, message_data TEXT NOT NULL,"
            + " created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL)");
    Migration.Outcome refused = migration.run("plan");
    assertThat(refused.exit()).as(refused.all()).isNotZero();
    Matcher remedy =
        Pattern.compile("ALTER TABLE public.agent_messages ADD COLUMN segue_id.*")
            .matcher(refused.out());
    assertThat(remedy.find()).as(refused.out()).isTrue();
    migration.onTarget(remedy.group());
    migration.mustRun("plan");
  }

  @Test
  void itemsArriveByteForByteAndInTheirOrder() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration =
            new Migration("items")
                .configRedisInto("openai-agents-sql", redis, "openai-agents-redis", kafka());
        var connection = redis.connect()) {
      var commands = connection.sync();
      for (int s = 0; s < SESSIONS; s++) {
        add(commands, s, 0, s % 12 + 1);
      }
      prepare(migration);

      Pipeline pipeline = migration.startFollowing();
      for (int s = 0; s < SESSIONS; s++) {
        add(commands, s, 12, 15);
        commands.rpop(key(s) + ":messages");
        add(commands, s, 20, 22);
      }
      pipeline.kill();
      for (int s = 0; s < SESSIONS; s += 2) {
        commands.rpop(key(s) + ":messages");
        add(commands, s, 30, 33);
      }
      commands.del(key(1), key(1) + ":messages");
      migration.startFollowing();
      for (int s = 3; s < SESSIONS; s += 5) {
        commands.rpop(key(s) + ":messages", 2);
        add(commands, s, 40, 41);
      }
      migration.drain(redis, Duration.ofSeconds(60));

      try (Connection target = migration.target()) {
        for (int s = 0; s < SESSIONS; s++) {
          List<String> kept = commands.lrange(key(s) + ":messages", 0, -1);
          assertThat(items(target, s)).as(key(s)).isEqualTo(kept);
          assertThat(kept.isEmpty()).isEqualTo(s == 1);
        }
      }
      assertThat(
              migration.askTarget("SELECT count(*) || ' ' || min(created_at) FROM agent_sessions"))
          .isEqualTo(SESSIONS - 1 + " 2025-11-21 01:53:20");
      migration.mustRun("verify");

      // The application goes on there.
      migration.onTarget(
          "INSERT INTO agent_messages (session_id, message_data) VALUES ('user:7', '{\"n\":1}')");
      try (Connection target = migration.target()) {
        List<String> items = items(target, 7);
        assertThat(items.get(items.size() - 1)).isEqualTo("{\"n\":1}");
      }
    }
  }

  private static String said(int session, int place) {
    String content = "\"s" + session + " m" + place + " é 1.10\"";
    return switch (place % 3) {
      case 0 ->
          "{\"type\": \"human\", \"data\": {\"content\": "
              + content
              + ", \"additional_kwargs\": {}, \"type\": \"human\", \"id\": null}}";
      case 1 ->
          "{\"type\": \"ai\", \"data\": {\"content\": "
              + content
              + ", \"tool_calls\": [{\"name\": \"f\", \"args\": {\"n\": 1.10}, \"id\": \"c1\"}]}}";
      default ->
          "{\"type\": \"tool\", \"data\": {\"content\": "
              + content
              + ", \"tool_call_id\": \"c1\", \"status\": \"success\"}}";
    };
  }

  private static String session(int session) {
    return session % 2 == 0
        ? "user:" + session
        : "7c1e0f9a-3b5d-4e6f-8a9b-%012d".formatted(session);
  }

  private static void say(RedisCommands<String, String> commands, int session, int from, int to) {
    for (int i = from; i < to; i++) {
      commands.lpush("message_store:" + session(session), said(session, i));
    }
  }

  private static List<JsonNode> trees(List<String> texts) throws Exception {
    List<JsonNode> trees = new ArrayList<>();
    for (String text : texts) {
      trees.add(JSON.readTree(text));
    }
    return trees;
  }

  @Test
  void chatHistoriesMoveIntoATableWithoutSessions() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration =
            new Migration("chats")
                .configRedisInto("langchain-postgres", redis, "langchain-redis-list", kafka());
        var connection = redis.connect()) {
      var commands = connection.sync();
      for (int s = 0; s < SESSIONS; s++) {
        say(commands, s, 0, s % 9 + 1);
      }
      Migration.Outcome plan = migration.mustRun("plan", "--create-target");
      assertThat(plan.out()).contains("session         redis.session -> (nowhere)");

      Pipeline pipeline = migration.startFollowing();
      for (int s = 0; s < SESSIONS; s++) {
        say(commands, s, 20, 23);
      }
      pipeline.kill();
      commands.del("message_store:" + session(4), "message_store:" + session(5));
      say(commands, 5, 30, 31);
      migration.startFollowing();
      migration.drain(redis, Duration.ofSeconds(60));

      try (Connection target = migration.target()) {
        for (int s = 0; s < SESSIONS; s++) {
          List<String> kept = commands.lrange("message_store:" + session(s), 0, -1);
          Collections.reverse(kept);
          List<String> held =
              texts(
                  target,
                  "SELECT message::text FROM chat_history WHERE segue_id LIKE ? || '/%' ORDER BY id",
                  session(s));
          assertThat(trees(held)).as(session(s)).isEqualTo(trees(kept));
        }
      }
      assertThat(
              migration.askTarget(
                  "SELECT count(DISTINCT session_id) || ' ' || count(DISTINCT session_id) FILTER"
                      + " (WHERE segue_id LIKE session_id || '/%') FROM chat_history"))
          .isEqualTo("39 20");
      Migration.Outcome verify = migration.mustRun("verify");
      assertThat(verify.out()).doesNotContain("orphan");
    }
  }

  /** What a message of LangChain is as items, which of them and in which order. */
  private static List<String> asItems(List<String> messages) throws Exception {
    List<String> items = new ArrayList<>();
    for (JsonNode message : trees(messages)) {
      JsonNode data = message.path("data");
      String role = Map.of("human", "user", "ai", "assistant").get(message.path("type").asText());
      items.add((role == null ? "output" : role) + " " + data.path("content").asText());
      data.path("tool_calls").forEach(call -> items.add("call " + call.path("id").asText()));
    }
    return items;
  }

  private static String item(JsonNode item) {
    return switch (item.path("type").asText()) {
      case "function_call" -> "call " + item.path("call_id").asText();
      case "function_call_output" -> "output " + item.path("output").asText();
      default -> item.path("role").asText() + " " + item.path("content").asText();
    };
  }

  @Test
  void whatIsSaidAndWhatIsCalledBecomeItemsInTheirOrder() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration =
            new Migration("chatitems")
                .configRedisInto("openai-agents-sql", redis, "langchain-redis-list", kafka());
        var connection = redis.connect()) {
      var commands = connection.sync();
      for (int s = 0; s < SESSIONS; s++) {
        say(commands, s, 0, s % 9 + 1);
      }
      migration.mustRun("plan", "--create-target");
      Pipeline pipeline = migration.startFollowing();
      for (int s = 0; s < SESSIONS; s++) {
        say(commands, s, 20, 25);
        // The newest two go again; of session 4 all but what is in the middle.
        commands.ltrim("message_store:" + session(s), s == 4 ? 1 : 2, s == 4 ? 3 : -1);
      }
      pipeline.kill();
      commands.del("message_store:" + session(5));
      say(commands, 5, 30, 32);
      commands.lset("message_store:" + session(6), 1, said(6, 7));
      commands.lset("message_store:" + session(7), 0, said(7, 9));
      migration.startFollowing();
      migration.drain(redis, Duration.ofSeconds(60));

      // Read again as a whole, and found to be as it is.
      migration.onTarget("DELETE FROM agent_messages WHERE segue_id = '" + session(8) + "/1'");
      migration.mustRun("verify", "--repair");
      say(commands, 8, 40, 42);
      migration.drain(redis, Duration.ofSeconds(60));
      try (Connection target = migration.target()) {
        for (int s = 0; s < SESSIONS; s++) {
          List<String> kept = commands.lrange("message_store:" + session(s), 0, -1);
          Collections.reverse(kept);
          List<JsonNode> held =
              trees(
                  texts(
                      target,
                      "SELECT message_data FROM agent_messages WHERE session_id = ?"
                          + " ORDER BY created_at, id",
                      session(s)));
          assertThat(held.stream().map(WholeMessagesIT::item).toList())
              .as(session(s))
              .isEqualTo(asItems(kept));
        }
      }
      migration.mustRun("verify");
    }
  }

  @Test
  void whatAnItemCannotHoldIsParkedByName() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration =
            new Migration("itemsbad")
                .configRedisInto("openai-agents-sql", redis, "langchain-redis-list", kafka());
        var connection = redis.connect()) {
      var commands = connection.sync();
      String nameless =
          "{\"type\":\"ai\",\"data\":{\"content\":\"Let me see.\",\"tool_calls\":[{\"name\":\"f\","
              + "\"args\":{},\"id\":null}]}}";
      String one = nameless.replace("Let me see.", "").replace("null", "\"c1\"");
      commands.lpush("message_store:plain", said(0, 0), one, said(0, 2));
      commands.lpush("message_store:nameless", said(1, 0), nameless);
      migration.mustRun("plan", "--create-target");
      migration.startFollowing();
      commands.lpush("message_store:later", said(2, 0));
      commands.lpush("message_store:later", nameless);
      commands.lpush("message_store:torn", "[1]");
      commands.lpush("message_store:plain", said(0, 3));
      migration.drain(redis, Duration.ofSeconds(60));

      assertThat(migration.run("dead-letters", "list").out())
          .contains(
              "nameless: column message_data (openai-item) cannot be made of a tool call with")
          .contains("later: column message_data (openai-item) cannot be made of a tool call with")
          .contains("torn: message_store:torn: element 0 is not a JSON object");
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(coalesce(message_data::json->>'type', 'message'), ' '"
                      + " ORDER BY created_at, id) FROM agent_messages"
                      + " WHERE session_id = 'plain'"))
          .isEqualTo("message function_call function_call_output message");
      assertThat(migration.run("verify").exit()).isEqualTo(1);
    }
  }

  @Test
  void itemThatComesLateTakesItsPlace() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration =
            new Migration("itemslate")
                .configRedisInto("openai-agents-sql", redis, "openai-agents-redis", kafka());
        var connection = redis.connect()) {
      var commands = connection.sync();
      for (int s = 0; s < 3; s++) {
        add(commands, s, 0, 8);
      }
      commands.lset(key(1) + ":messages", 2, "{\"role\":");
      assertThat(migration.run("plan", "--create-target").exit()).isZero();
      migration.startFollowing();
      add(commands, 1, 20, 22);

      commands.lset(key(1) + ":messages", 2, ITEMS.get(5));
      migration.mustRun("dead-letters", "retry");
      migration.onTarget(
          "DELETE FROM agent_messages WHERE segue_id IN ('user:2/0', 'user:2/3', 'user:2/4')");
      migration.mustRun("verify", "--repair");
      add(commands, 1, 30, 32);
      add(commands, 2, 30, 32);
      migration.drain(redis, Duration.ofSeconds(60));

      try (Connection target = migration.target()) {
        for (int s = 0; s < 3; s++) {
          List<String> kept = commands.lrange(key(s) + ":messages", 0, -1);
          assertThat(items(target, s)).as(key(s)).isEqualTo(kept);
        }
      }
      migration.mustRun("verify");
    }
  }
}
