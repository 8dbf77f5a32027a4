package dev.segue.openclaw;

import dev.segue.examples.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** People who talk to an OpenClaw that keeps its sessions in a database. */
final class AgentTalk implements AutoCloseable {
  /** Stands in the database, and must be found nowhere else. */
  static final String CREDENTIAL = "sk-canary-7f3a";

  private final Connection connection;
  private final Random random;
  private final int keys;
  private final long pauseMillis;
  private final AtomicLong steps = new AtomicLong();
  private final Thread thread;
  private volatile boolean ending;
  private volatile Throwable failure;

  private AgentTalk(Path file, int keys, long pauseMillis, long seed) throws SQLException {
    this.connection = open(file);
    this.random = new Random(seed);
    this.keys = keys;
    this.pauseMillis = pauseMillis;
    this.thread = new Thread(this::talk, "talk");
  }

  /** Opens a database as its owner does. */
  static Connection open(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    script(connection, "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000");
    return connection;
  }

  /** Makes a database without sessions. */
  static Path create(Path directory) throws IOException, SQLException {
    Path file = Files.createDirectories(directory).resolve("openclaw-agent.sqlite");
    try (Connection connection = open(file)) {
      script(connection, Example.text("openclaw/agent/schema.sql"));
      execute(
          connection,
          "INSERT INTO auth_profile_store VALUES ('main', ?, 1)",
          "{\"key\":\"" + CREDENTIAL + "\"}");
    }
    return file;
  }

  /** Writes sessions that were there before anybody looked. */
  static void history(Path file, int sessions, int messages) throws SQLException {
    try (Connection connection = open(file)) {
      script(connection, "BEGIN");
      for (int i = 0; i < sessions; i++) {
        session(connection, key(i), "s-" + i + "-0");
        for (int m = 0; m < messages; m++) {
          append(
              connection,
              "s-" + i + "-0",
              StoreTalk.message(
                  String.format(Locale.ROOT, "%08x", m), m % 2 == 0 ? "user" : "assistant"));
        }
      }
      script(connection, "COMMIT");
    }
  }

  static String key(int number) {
    return "agent:main:dm:" + number;
  }

  /** Begins a session of a key. */
  static void session(Connection connection, String key, String id) throws SQLException {
    String entry =
        "{\"sessionId\":\"" + id + "\",\"updatedAt\":" + System.currentTimeMillis() + "}";
    execute(
        connection,
        "INSERT INTO session_nodes (session_key, current_session_id, entry_json, updated_at)"
            + " VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE"
            + " SET current_session_id = ?2, entry_json = ?3",
        key,
        id,
        entry);
    execute(
        connection,
        "INSERT INTO session_windows (session_id, session_key, previous_session_id, reason,"
            + " created_at, updated_at) SELECT ?1, ?2, max(session_id), 'reset', 1, 1"
            + " FROM session_windows WHERE session_key = ?2",
        id,
        key);
    append(connection, id, StoreTalk.header(id));
  }

  static void append(Connection connection, String id, String line) throws SQLException {
    execute(
        connection,
        "INSERT INTO transcript_events SELECT ?1, coalesce(max(seq), -1) + 1, ?2, 1"
            + " FROM transcript_events WHERE session_id = ?1",
        id,
        line);
  }

  static void script(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  static int execute(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  /** What each session says, line by line, as SQLite has it. */
  static Map<String, String> lines(Path file) throws SQLException {
    Map<String, String> lines = new TreeMap<>();
    try (Connection connection = open(file);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT session_id, group_concat(event_json, char(10)) FROM (SELECT * FROM"
                    + " transcript_events ORDER BY session_id, seq) WHERE"
                    + " json_extract(event_json, '$.type') = 'message' GROUP BY session_id")) {
      while (rows.next()) {
        lines.put(rows.getString(1), rows.getString(2));
      }
    }
    return lines;
  }

  /** How many sessions there are. */
  static int sessions(Path file) throws SQLException {
    try (Connection connection = open(file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM session_windows")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  /** Begins to talk. */
  static AgentTalk start(Path file, int keys, long pauseMillis, long seed) throws SQLException {
    AgentTalk talk = new AgentTalk(file, keys, pauseMillis, seed);
    talk.thread.start();
    return talk;
  }

  private void talk() {
    try {
      while (!ending) {
        script(connection, "BEGIN IMMEDIATE");
        step(steps.incrementAndGet());
        script(connection, "COMMIT");
        Thread.sleep(pauseMillis);
      }
    } catch (SQLException | InterruptedException | RuntimeException e) {
      failure = e;
    }
  }

  private void step(long number) throws SQLException {
    String key = key(random.nextInt(keys));
    List<String> current =
        ask("SELECT current_session_id FROM session_nodes WHERE session_key = ?", key);
    String fresh = "t-" + number;
    int kind = random.nextInt(100);
    if (current.isEmpty() || kind >= 96) {
      // A reset: the key goes on with another session.
      session(connection, key, fresh);
      return;
    }
    String session = current.get(0);
    String id = String.format(Locale.ROOT, "t%07x", number);
    if (kind < 82) {
      append(
          connection, session, StoreTalk.message(id, random.nextBoolean() ? "user" : "assistant"));
      execute(
          connection,
          "UPDATE session_windows SET updated_at = ? WHERE session_id = ?",
          number,
          session);
    } else if (kind < 90) {
      // A line is written anew and another one goes: the generation tells.
      execute(
          connection,
          "UPDATE transcript_events SET event_json = ? WHERE session_id = ? AND seq = 1",
          StoreTalk.message(id, "user"),
          session);
      execute(
          connection, "DELETE FROM transcript_events WHERE session_id = ? AND seq = 2", session);
      execute(
          connection,
          "INSERT INTO transcript_rewrite_watermarks VALUES (?1, ?2, 1)"
              + " ON CONFLICT DO UPDATE SET generation = ?2",
          session,
          "g" + number);
    } else if (kind < 94) {
      execute(
          connection,
          "UPDATE session_nodes SET entry_json = json_set(entry_json, '$.updatedAt', ?)"
              + " WHERE session_key = ?",
          System.currentTimeMillis(),
          key);
    } else {
      execute(connection, "DELETE FROM session_nodes WHERE session_key = ?", key);
    }
  }

  private List<String> ask(String sql, String value) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, value);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? List.of(rows.getString(1)) : List.of();
      }
    }
  }

  /** How often something was done. */
  long steps() {
    return steps.get();
  }

  @Override
  public void close() throws Exception {
    ending = true;
    thread.join();
    connection.close();
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }
}
