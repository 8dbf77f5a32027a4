package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The same real conversations, kept as three systems keep them, are the same transcripts in the
 * target.
 */
class TranscriptsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DIGESTS =
      "SELECT string_agg(d, ',' ORDER BY d) FROM (SELECT md5(string_agg(role || '|'"
          + " || coalesce('=' || content, 'null') || '|' || coalesce(tool_call_id, ''), chr(10)"
          + " ORDER BY %s)) AS d FROM agent_store.messages GROUP BY session_id) t";

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

  /** A message as LangChain keeps it. */
  private static String langchain(JsonNode message) throws Exception {
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
    return document.toString();
  }

  private static String[] kafka() {
    return new String[] {
      "capture: {heartbeat: 300ms}",
      "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}"
    };
  }

  private static String verified(Migration migration, String order) throws Exception {
    Migration.Outcome verify = migration.run("verify");
    assertThat(verify.exit()).as(verify.all()).isZero();
    assertThat(migration.askTarget("SELECT count(*) FROM agent_store.messages")).isEqualTo("948");
    return migration.askTarget(DIGESTS.formatted(order));
  }

  /** The first half is history, the second is said while it is followed. */
  private static String fromRedis(String name, String layout, boolean langchain) throws Exception {
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
            JsonNode message = all.get(i).get(m);
            if (langchain) {
              commands.lpush("message_store:task-" + i, langchain(message));
            } else {
              commands.hset("agent:session:task-" + i, "agent_name", "airline");
              commands.rpush("agent:session:task-" + i + ":messages", message.toString());
            }
          }
        }
        if (history) {
          migration.startFollowing();
        }
      }
      migration.drain(redis, Duration.ofSeconds(60));
      if (langchain) {
        assertToolsArePaired(migration);
      }
      return verified(migration, "seq");
    }
  }

  private static void assertToolsArePaired(Migration migration) throws Exception {
    assertThat(
            migration.askTarget(
                "SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM agent_store.messages m,"
                    + " jsonb_array_elements(m.tool_calls::jsonb) c"
                    + " GROUP BY session_id, c->>'id') calls"))
        .isEqualTo("40");
    assertThat(
            migration.askTarget(
                "SELECT count(*) || ' ' || count(*) FILTER (WHERE r.name = (SELECT c->>'name'"
                    + " FROM agent_store.messages a, jsonb_array_elements(a.tool_calls::jsonb) c"
                    + " WHERE a.session_id = r.session_id AND a.seq < r.seq"
                    + " AND c->>'id' = r.tool_call_id ORDER BY a.seq DESC LIMIT 1))"
                    + " FROM agent_store.messages r WHERE role = 'tool'"))
        .matches("(\\d+) \\1");
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
      return verified(migration, "created_at");
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
    assertThat(fromRedis("airlc", "langchain-redis-list", true)).isEqualTo(tables);
    assertThat(fromRedis("airagent", "redis-agent", false)).isEqualTo(tables);
  }
}
