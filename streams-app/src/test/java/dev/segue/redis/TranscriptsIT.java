package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The same real conversations, kept as four systems keep them, are the same transcripts in the
 * target. What one system keeps in a message, a text and a call, is two items in another; so a
 * transcript is compared by its steps: each text that was said, each call that was made.
 */
class TranscriptsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Calls, in the order of the transcript, in whatever way the systems spell them. */
  private static final String CALLS =
      " FROM agent_store.messages m, jsonb_array_elements(coalesce(m.tool_calls,"
          + " m.metadata->'tool_calls')) WITH ORDINALITY AS c(call, part)";

  private static final String NAME = "coalesce(c.call->>'name', c.call#>>'{function,name}')";

  private static final String DIGESTS =
      "SELECT string_agg(d, ',' ORDER BY d) FROM (SELECT md5(string_agg(step, chr(10)"
          + " ORDER BY place, part)) AS d FROM (SELECT session_id, %1$s AS place, 0 AS part,"
          + " role || '|' || content || '|' || coalesce(tool_call_id, '') AS step"
          + " FROM agent_store.messages WHERE content IS NOT NULL"
          + " UNION ALL SELECT m.session_id, m.%1$s, c.part, 'call|' || (c.call->>'id') || '|' || "
          + NAME
          + " || '|' || coalesce(c.call->'arguments',"
          + " (c.call#>>'{function,arguments}')::jsonb)::text"
          + CALLS
          + ") steps GROUP BY session_id) t";

  /** The name of the call that each result answers: the latest one of its id before it. */
  private static final String PAIRS =
      "SELECT string_agg(answered, ';' ORDER BY session_id) FROM (SELECT session_id,"
          + " session_id || ' ' || string_agg((SELECT "
          + NAME
          + CALLS
          + " WHERE m.session_id = r.session_id AND m.%1$s < r.%1$s"
          + " AND c.call->>'id' = r.tool_call_id ORDER BY m.%1$s DESC, c.part DESC LIMIT 1),"
          + " ',' ORDER BY r.%1$s) AS answered FROM agent_store.messages r WHERE role = 'tool'"
          + " GROUP BY session_id) sessions";

  private static List<JsonNode> conversations() throws Exception {
    List<JsonNode> all = new ArrayList<>();
    try (var data = TranscriptsIT.class.getResourceAsStream("/data/gpt-4o-airline.subset.jsonl")) {
      String text = new String(data.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        all.add(JSON.readTree(line).path("traj"));
      }
    }
    assertThat(all).hasSize(25);
    assertThat(all.stream().mapToInt(JsonNode::size).sum()).isEqualTo(948);
    return all;
  }

  /** Which tool each result came from, as the conversations themselves say. */
  private static String answered() throws Exception {
    List<JsonNode> all = conversations();
    Map<String, String> sessions = new TreeMap<>();
    for (int i = 0; i < all.size(); i++) {
      List<String> names = new ArrayList<>();
      for (JsonNode message : all.get(i)) {
        if (message.path("role").asText().equals("tool")) {
          names.add(message.path("name").asText());
        }
      }
      sessions.put("task-" + i, "task-" + i + " " + String.join(",", names));
    }
    return String.join(";", sessions.values());
  }

  /** How an application keeps what is said, in its Redis. */
  private interface Keeper {
    void keep(RedisCommands<String, String> commands, String session, JsonNode message)
        throws Exception;
  }

  private static void asAnAgent(
      RedisCommands<String, String> commands, String session, JsonNode message) {
    commands.hset("agent:session:" + session, "agent_name", "airline");
    commands.rpush("agent:session:" + session + ":messages", message.toString());
  }

  private static void asLangChain(
      RedisCommands<String, String> commands, String session, JsonNode message) throws Exception {
    String role = message.path("role").asText();
    ObjectNode document = JSON.createObjectNode();
    document.put("type", role.equals("user") ? "human" : role.equals("assistant") ? "ai" : role);
    ObjectNode data = document.putObject("data");
    data.set("content", message.get("content"));
    data.set("name", message.get("name"));
    if (message.has("tool_call_id")) {
      data.set("tool_call_id", message.get("tool_call_id"));
    }
    ArrayNode calls = data.putArray("tool_calls");
    for (JsonNode call : message.path("tool_calls")) {
      ObjectNode one = calls.addObject();
      one.set("id", call.get("id"));
      one.set("name", call.path("function").get("name"));
      one.set("args", JSON.readTree(call.path("function").path("arguments").asText()));
    }
    commands.lpush("message_store:" + session, document.toString());
  }

  private static void asOpenAiAgents(
      RedisCommands<String, String> commands, String session, JsonNode message) {
    String key = "agents:session:" + session;
    commands.hset(
        key, Map.of("session_id", session, "created_at", "1763690000", "updated_at", "1763690042"));
    for (JsonNode item : items(message)) {
      commands.rpush(key + ":messages", item.toString());
    }
  }

  /** A message as items, of which each says or does one thing. */
  private static List<JsonNode> items(JsonNode message) {
    List<JsonNode> items = new ArrayList<>();
    String role = message.path("role").asText();
    if (role.equals("tool")) {
      ObjectNode result = JSON.createObjectNode().put("type", "function_call_output");
      result.set("call_id", message.get("tool_call_id"));
      result.set("output", message.get("content"));
      return List.of(result);
    }
    if (!message.path("content").isNull()) {
      ObjectNode said = JSON.createObjectNode();
      if (role.equals("assistant")) {
        said.put("id", "msg_1").put("type", "message").put("status", "completed");
        ObjectNode part = said.putArray("content").addObject().put("type", "output_text");
        part.set("text", message.get("content"));
        part.putArray("annotations");
      } else {
        said.set("content", message.get("content"));
      }
      items.add(said.put("role", role));
    }
    for (JsonNode call : message.path("tool_calls")) {
      ObjectNode made = JSON.createObjectNode().put("id", "fc_1").put("type", "function_call");
      made.set("call_id", call.get("id"));
      made.set("name", call.path("function").get("name"));
      made.set("arguments", call.path("function").get("arguments"));
      items.add(made.put("status", "completed"));
    }
    return items;
  }

  private static String[] kafka() {
    return new String[] {
      "capture: {heartbeat: 300ms}",
      "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}"
    };
  }

  /** Verifies, and tells the transcripts that have arrived. */
  private static String verified(Migration migration, int rows, String order) throws Exception {
    migration.mustRun("verify");
    assertThat(migration.askTarget("SELECT count(*) FROM agent_store.messages"))
        .isEqualTo(Integer.toString(rows));
    assertThat(
            migration.askTarget(
                "SELECT sum(n - 1) FROM (SELECT count(*) AS n"
                    + CALLS
                    + " GROUP BY session_id, c.call->>'id') calls"))
        .isEqualTo("40");
    assertThat(migration.askTarget(PAIRS.formatted(order))).isEqualTo(answered());
    return migration.askTarget(DIGESTS.formatted(order));
  }

  /** The first half is history, the second is said while it is followed. */
  private static String fromRedis(String name, String layout, int rows, Keeper keeper)
      throws Exception {
    List<JsonNode> all = conversations();
    try (RedisServer redis = Servers.redis();
        Migration migration = new Migration(name).configRedis(redis, layout, kafka());
        var connection = redis.connect()) {
      var commands = connection.sync();
      assertThat(migration.run("plan", "--create-target").exit()).isZero();
      for (boolean history : new boolean[] {true, false}) {
        for (int i = 0; i < all.size(); i++) {
          int half = all.get(i).size() / 2;
          for (int m = history ? 0 : half; m < (history ? half : all.get(i).size()); m++) {
            keeper.keep(commands, "task-" + i, all.get(i).get(m));
          }
        }
        if (history) {
          migration.startFollowing();
        }
      }
      migration.drain(redis, Duration.ofSeconds(60));
      return verified(migration, rows, "seq");
    }
  }

  private static String fromTables() throws Exception {
    List<JsonNode> all = conversations();
    try (Migration migration =
        new Migration("airsql").config("callsphere", "segue-postgres", kafka())) {
      migration.onSource(
          "CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,"
              + " created_at timestamptz, updated_at timestamptz, metadata jsonb);"
              + " CREATE TABLE messages (id bigserial PRIMARY KEY, session_id text NOT NULL,"
              + " role text NOT NULL, content text, created_at timestamptz, tool_call_id text,"
              + " tool_name text, metadata jsonb)");
      assertThat(migration.run("plan", "--create-target").exit()).isZero();
      try (Connection source = migration.source()) {
        for (boolean history : new boolean[] {true, false}) {
          for (int i = 0; i < all.size(); i++) {
            write(source, i, all.get(i), history);
          }
          if (history) {
            migration.startFollowing();
          }
        }
      }
      migration.drain(Duration.ofSeconds(60));
      return verified(migration, 948, "created_at");
    }
  }

  private static void write(Connection source, int task, JsonNode messages, boolean history)
      throws Exception {
    if (history) {
      try (PreparedStatement session =
          source.prepareStatement(
              "INSERT INTO sessions VALUES (?, 'u', 'airline', now(), now(), '{}')")) {
        session.setString(1, "task-" + task);
        session.execute();
      }
    }
    int half = messages.size() / 2;
    try (PreparedStatement message =
        source.prepareStatement(
            "INSERT INTO messages (session_id, role, content, created_at, tool_call_id, tool_name,"
                + " metadata) VALUES (?, ?, ?, '2026-01-01'::timestamptz + ? * interval '1 s', ?,"
                + " ?, ?::jsonb)")) {
      for (int m = history ? 0 : half; m < (history ? half : messages.size()); m++) {
        JsonNode one = messages.get(m);
        message.setString(1, "task-" + task);
        message.setString(2, one.path("role").asText());
        message.setString(3, one.path("content").textValue());
        message.setInt(4, m);
        message.setString(5, one.path("tool_call_id").textValue());
        message.setString(6, one.path("name").textValue());
        message.setString(
            7, one.has("tool_calls") ? "{\"tool_calls\":" + one.get("tool_calls") + "}" : "{}");
        message.execute();
      }
    }
  }

  @Test
  void conversationsAreTheSameWhereverTheyComeFrom() throws Exception {
    String tables = fromTables();

    assertThat(tables.split(",")).hasSize(25).doesNotHaveDuplicates();
    assertThat(fromRedis("airagent", "redis-agent", 948, TranscriptsIT::asAnAgent))
        .isEqualTo(tables);
    assertThat(fromRedis("airlc", "langchain-redis-list", 948, TranscriptsIT::asLangChain))
        .isEqualTo(tables);
    // 22 messages have a text and a call.
    assertThat(fromRedis("airitems", "openai-agents-redis", 970, TranscriptsIT::asOpenAiAgents))
        .isEqualTo(tables);
  }
}
