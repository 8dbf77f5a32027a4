package dev.segue.openclaw;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.layout.LayoutCatalog;
import dev.segue.support.Migration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** People who talk to an agent that keeps its rows in tables, and what files should hold of it. */
final class TableTalk implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String[] TEXTS = {
    "hello", "", "é 😀 \"quoted\" \\ back", "line\nbreak\ttab", "{\"not\":\"json", "null"
  };

  private final Connection connection;
  private final Random random;
  private final int sessions;
  private final Thread thread;
  private final AtomicInteger writes = new AtomicInteger();
  private volatile boolean stopped;
  private volatile Exception failure;

  private TableTalk(Connection connection, int sessions, long seed) {
    this.connection = connection;
    this.random = new Random(seed);
    this.sessions = sessions;
    this.thread = new Thread(this::talk, "table-talk");
  }

  /** Makes the tables and writes history. */
  static void history(Migration migration, int sessions, int messages) throws Exception {
    migration.onSource(LayoutCatalog.load("segue-postgres").ddl().orElseThrow());
    migration.onSource(
        "INSERT INTO agent_store.sessions (session_id, user_id, agent_name, created_at, status,"
            + " metadata) SELECT 'user:' || s, 'u' || s, 'aria', '2026-03-01 09:30:00.25Z',"
            + " 'active', '{\"n\": 1.50}' FROM generate_series(0, "
            + (sessions - 1)
            + ") s");
    migration.onSource(
        "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at, seq)"
            + " SELECT 'user:' || s, 'h-' || n, CASE n % 3 WHEN 0 THEN 'user' WHEN 1 THEN"
            + " 'assistant' ELSE 'tool' END, 'says ' || n, timestamptz '2026-03-01"
            + " 09:30:00.123456Z' + n * interval '1 s', n FROM generate_series(0, "
            + (sessions - 1)
            + ") s, generate_series(0, "
            + (messages - 1)
            + ") n ORDER BY md5(s || '/' || n)");
  }

  /** People go on talking until it is closed. */
  static TableTalk talking(Migration migration, int sessions, long seed) throws Exception {
    TableTalk talk = new TableTalk(migration.source(), sessions, seed);
    talk.thread.start();
    return talk;
  }

  private void talk() {
    try {
      while (!stopped) {
        step();
        writes.incrementAndGet();
        Thread.sleep(25);
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  int writes() {
    return writes.get();
  }

  private void step() throws Exception {
    String session = "user:" + random.nextInt(sessions);
    int kind = random.nextInt(20);
    if (kind == 0) {
      run(
          "UPDATE agent_store.sessions SET status = ?, updated_at = now() WHERE session_id = ?",
          text(),
          session);
    } else if (kind < 3) {
      run(
          "UPDATE agent_store.messages SET content = ? WHERE session_id = ? AND seq = ?",
          text(),
          session,
          random.nextInt(20));
    } else if (kind == 3) {
      run(
          "DELETE FROM agent_store.messages WHERE session_id = ? AND seq = ?",
          session,
          random.nextInt(30));
    } else if (kind < 6) {
      run(
          "INSERT INTO agent_store.tool_runs (session_id, tool_run_id, name, status, attempt,"
              + " result) VALUES (?, ?, 'lookup', 'done', ?, '{\"ok\": true}') ON CONFLICT"
              + " (session_id, tool_run_id) DO UPDATE SET attempt = EXCLUDED.attempt",
          session,
          "run-" + random.nextInt(5),
          random.nextInt(9));
    } else if (kind == 6 && random.nextInt(10) == 0) {
      for (String table : new String[] {"messages", "tool_runs", "sessions"}) {
        run("DELETE FROM agent_store." + table + " WHERE session_id = ?", session);
      }
    } else {
      run(
          "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at,"
              + " seq) SELECT ?::text, ?, ?, ?, timestamptz '2026-03-01 09:30:00.123456Z'"
              + " + coalesce(max(seq) + 1, 0) * interval '1 s', coalesce(max(seq) + 1, 0)"
              + " FROM agent_store.messages WHERE session_id = ?",
          session,
          "t-" + random.nextLong(),
          random.nextBoolean() ? "user" : "assistant",
          text(),
          session);
    }
  }

  private String text() {
    return random.nextInt(40) == 0
        ? random.ints(12_000, 'a', 'z').mapToObj(Character::toString).reduce("", String::concat)
        : TEXTS[random.nextInt(TEXTS.length)];
  }

  private void run(String sql, Object... values) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  /** What the transcripts should hold, by session, each as one text. */
  static Map<String, String> expected(Migration migration) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    try (Connection connection = migration.source();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT session_id, (SELECT string_agg(message_id || '|' || CASE role WHEN 'tool'"
                    + " THEN 'toolResult' ELSE role END || '|' || content || '|'"
                    + " || floor(extract(epoch FROM created_at) * 1000)::bigint, chr(10)"
                    + " ORDER BY seq) FROM agent_store.messages m WHERE m.session_id = i.session_id)"
                    + " FROM (SELECT session_id FROM agent_store.sessions UNION SELECT session_id"
                    + " FROM agent_store.messages UNION SELECT session_id FROM"
                    + " agent_store.tool_runs) i");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        expected.put(rows.getString(1), rows.getString(2) == null ? "" : rows.getString(2));
      }
    }
    return expected;
  }

  /** What they do hold, in the same words. */
  static Map<String, String> held(Path directory) throws Exception {
    Map<String, String> held = new TreeMap<>();
    JsonNode store = JSON.readTree(directory.resolve("sessions.json").toFile());
    for (JsonNode entry : store) {
      held.put(entry.path("sessionId").asText(), "");
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
        String name = file.getFileName().toString();
        held.put(name.substring(0, name.length() - ".jsonl".length()), messages(file));
      }
    }
    return held;
  }

  private static String messages(Path transcript) throws Exception {
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(transcript)) {
      JsonNode json = JSON.readTree(line);
      if (json.path("type").asText().equals("message")) {
        JsonNode message = json.path("message");
        text.append(text.length() == 0 ? "" : "\n")
            .append(json.path("id").asText())
            .append('|')
            .append(message.path("role").asText())
            .append('|')
            .append(message.path("content").path(0).path("text").asText())
            .append('|')
            .append(message.path("timestamp").asLong());
      }
    }
    return text.toString();
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
