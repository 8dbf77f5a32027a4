package dev.segue.redis;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.segue.layout.LayoutCatalog;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Rows of an agent in tables, people who talk, and what its keys should hold, by SQL alone. */
final class AgentRows implements AutoCloseable {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final String[] TEXTS = {
    "hello", "", "é 😀 \"quoted\" \\ back", "line\nbreak\ttab", "{\"not\":\"json", "null", "1.10"
  };

  private final Connection connection;
  private final Random random;
  private final int sessions;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile Exception failure;
  private final AtomicInteger writes = new AtomicInteger();

  private AgentRows(Connection connection, int sessions, long seed) {
    this.connection = connection;
    this.random = new Random(seed);
    this.sessions = sessions;
    this.thread = new Thread(this::talk, "agent-rows");
  }

  /** Makes the tables and writes history: messages lie there in no order. */
  static void history(Migration migration, int sessions, int messages, long seed) throws Exception {
    migration.onSource(LayoutCatalog.load("segue-postgres").ddl().orElseThrow());
    try (Connection connection = migration.source()) {
      AgentRows rows = new AgentRows(connection, sessions, seed);
      for (int s = 0; s < sessions; s++) {
        rows.session(s);
      }
      for (int i = 0; i < sessions * messages; i++) {
        // 7919 is prime, so every message comes once.
        int n = (int) ((i * 7919L) % ((long) sessions * messages));
        rows.message(n % sessions, n / sessions);
      }
      for (int s = 0; s < sessions; s++) {
        rows.toolRun(s, 0);
      }
    }
  }

  /** People go on talking until it is closed. */
  static AgentRows talking(Migration migration, int sessions, long seed) throws Exception {
    AgentRows rows = new AgentRows(migration.source(), sessions, seed);
    rows.thread.start();
    return rows;
  }

  private void talk() {
    try {
      while (!stopped) {
        step();
        writes.incrementAndGet();
        Thread.sleep(5);
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  int writes() {
    return writes.get();
  }

  private static String name(int session) {
    return "user:" + session;
  }

  private void step() throws Exception {
    int session = random.nextInt(sessions);
    switch (random.nextInt(12)) {
      case 0 ->
          run(
              "UPDATE agent_store.sessions SET status = ?, updated_at = now() WHERE session_id = ?",
              text(),
              name(session));
      case 1 ->
          run(
              "UPDATE agent_store.messages SET content = ? WHERE session_id = ? AND seq = ?",
              text(),
              name(session),
              random.nextInt(20));
      case 2 ->
          // A long content that the log leaves out.
          run(
              "UPDATE agent_store.messages SET role = ? WHERE session_id = ? AND length(content) > 9999",
              random.nextBoolean() ? "user" : "tool",
              name(session));
      case 3 ->
          run(
              "DELETE FROM agent_store.messages WHERE session_id = ? AND seq = ?",
              name(session),
              random.nextInt(30));
      case 4 -> toolRun(session, random.nextInt(5));
      case 5 ->
          run(
              "DELETE FROM agent_store.tool_runs WHERE session_id = ? AND tool_run_id = ?",
              name(session),
              "run-" + random.nextInt(5));
      case 6 -> {
        if (random.nextInt(10) == 0) {
          for (String table : new String[] {"messages", "tool_runs", "sessions"}) {
            run("DELETE FROM agent_store." + table + " WHERE session_id = ?", name(session));
          }
          session(session);
        }
      }
      default -> {
        int next = next(session);
        connection.setAutoCommit(false);
        message(session, next);
        message(session, next + 1);
        connection.commit();
        connection.setAutoCommit(true);
      }
    }
  }

  private int next(int session) throws Exception {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT coalesce(max(seq), -1) + 1 FROM agent_store.messages WHERE session_id = ?")) {
      statement.setString(1, name(session));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  private String text() {
    return random.nextInt(20) == 0
        ? random.ints(12_000, 'a', 'z').mapToObj(Character::toString).reduce("", String::concat)
        : TEXTS[random.nextInt(TEXTS.length)];
  }

  private void session(int session) throws Exception {
    run(
        "INSERT INTO agent_store.sessions (session_id, user_id, agent_name, created_at, status,"
            + " metadata) VALUES (?, ?, 'aria', '2026-03-01 09:30:00.25Z', 'active',"
            + " '{\"n\": 1.50, \"t\": \"é\"}')",
        name(session),
        "u" + session % 7);
  }

  private void message(int session, int seq) throws Exception {
    run(
        "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at, seq,"
            + " tool_calls) VALUES (?, ?, ?, ?, timestamptz '2026-03-01 09:30:00.123456Z'"
            + " + ? * interval '1 second', ?, ?::jsonb)",
        name(session),
        // Never given twice: of an id that comes back, the place does not have to.
        "m-" + Integer.toHexString(seq * 31 + 5) + "-" + random.nextLong(),
        seq % 2 == 0 ? "user" : "assistant",
        text(),
        seq,
        seq,
        seq % 3 == 1 ? "[{\"id\": \"c\", \"name\": \"f\", \"arguments\": {\"n\": 1.10}}]" : null);
  }

  private void toolRun(int session, int run) throws Exception {
    run(
        "INSERT INTO agent_store.tool_runs (session_id, tool_run_id, name, status, attempt, result)"
            + " VALUES (?, ?, 'lookup', ?, ?, '{\"ok\": true}') ON CONFLICT (session_id,"
            + " tool_run_id) DO UPDATE SET status = EXCLUDED.status, attempt = EXCLUDED.attempt",
        name(session),
        "run-" + run,
        random.nextBoolean() ? "done" : "failed",
        random.nextInt(9));
  }

  private void run(String sql, Object... values) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  /** What the keys should hold, each as one text. */
  static Map<String, String> expected(Migration migration) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    try (Connection connection = migration.source();
        Statement statement = connection.createStatement()) {
      collect(
          statement,
          "SELECT 'agent:session:' || session_id, user_id || '|' || agent_name || '|' ||"
              + " left(status, 60) || length(status) || '|' || (metadata->>'n') || '|' || trim_scale(extract(epoch FROM created_at)::numeric)"
              + " FROM agent_store.sessions",
          expected);
      collect(
          statement,
          "SELECT 'agent:session:' || session_id || ':messages', string_agg(role || '|' ||"
              + " left(content, 60) || length(content) || '|' || extract(epoch FROM created_at)::numeric || '|'"
              + " || coalesce(tool_calls->0->>'name', '-'), chr(10) ORDER BY seq)"
              + " FROM agent_store.messages GROUP BY session_id",
          expected);
      collect(
          statement,
          "SELECT 'agent:session:' || session_id || ':tools', string_agg(tool_run_id || '|' ||"
              + " status || '|' || attempt || '|' || (result->>'ok'), chr(10)"
              + " ORDER BY tool_run_id COLLATE \"C\") FROM agent_store.tool_runs GROUP BY session_id",
          expected);
    }
    return expected;
  }

  private static void collect(Statement statement, String sql, Map<String, String> into)
      throws Exception {
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        into.put(rows.getString(1), rows.getString(2));
      }
    }
  }

  /** What the keys do hold, in the same words. */
  static Map<String, String> held(RedisServer redis) throws Exception {
    Map<String, String> held = new TreeMap<>();
    try (var connection = redis.connect()) {
      var commands = connection.sync();
      for (String key : commands.keys("agent:session:*")) {
        if (key.endsWith(":messages")) {
          StringBuilder text = new StringBuilder();
          for (String element : commands.lrange(key, 0, -1)) {
            JsonNode json = JSON.readTree(element);
            text.append(text.length() == 0 ? "" : "\n")
                .append(json.path("role").asText())
                .append('|')
                .append(shortened(json.path("content").asText()))
                .append('|')
                .append(json.path("timestamp").decimalValue().setScale(6).toPlainString())
                .append('|')
                .append(json.path("tool_calls").path(0).path("name").asText("-"));
          }
          held.put(key, text.toString());
        } else if (key.endsWith(":tools")) {
          StringBuilder text = new StringBuilder();
          for (Map.Entry<String, String> field : new TreeMap<>(commands.hgetall(key)).entrySet()) {
            JsonNode json = JSON.readTree(field.getValue());
            text.append(text.length() == 0 ? "" : "\n")
                .append(field.getKey())
                .append('|')
                .append(json.path("status").asText())
                .append('|')
                .append(json.path("attempt").asText())
                .append('|')
                .append(json.path("result").path("ok").asText());
          }
          held.put(key, text.toString());
        } else {
          Map<String, String> hash = commands.hgetall(key);
          held.put(
              key,
              hash.get("user_id")
                  + "|"
                  + hash.get("agent_name")
                  + "|"
                  + shortened(hash.get("status"))
                  + "|"
                  + JSON.readTree(hash.get("metadata")).path("n").decimalValue().toPlainString()
                  + "|"
                  + new BigDecimal(hash.get("created_at")).toPlainString());
        }
      }
    }
    return held;
  }

  private static String shortened(String text) {
    int length = text.codePointCount(0, text.length());
    return text.substring(0, text.offsetByCodePoints(0, Math.min(60, length))) + length;
  }

  @Override
  public void close() throws Exception {
    stopped = true;
    thread.join();
    connection.close();
    if (failure != null) {
      throw failure;
    }
  }
}
