package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** A database of OpenClaw that is written to. */
final class AgentFile implements AutoCloseable {
  private final Path file;
  private final Connection connection;

  private AgentFile(Path file) throws SQLException {
    this.file = file;
    this.connection = DriverManager.getConnection("jdbc:sqlite:file:" + file.toUri().getRawPath());
    script("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000");
  }

  /** Makes one without sessions. */
  static AgentFile create(Path file) throws IOException, SQLException {
    AgentFile agent = new AgentFile(file);
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    agent.script(Files.readString(root.resolve("examples/openclaw/agent/schema.sql")));
    return agent;
  }

  /** The line with which a transcript begins. */
  static String header(String id) {
    return "{\"type\":\"session\",\"version\":3,\"id\":\""
        + id
        + "\",\"timestamp\":\"2026-03-08T12:15:35.580Z\",\"cwd\":\"/w\"}";
  }

  /** The line of a message that says its number. */
  static String message(Object id) {
    return "{\"type\":\"message\",\"id\":\"m"
        + id
        + "\",\"message\":{\"role\":\"user\",\"content\":\"says "
        + id
        + "\"}}";
  }

  Path file() {
    return file;
  }

  /** Runs statements of SQL. */
  void script(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  int execute(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  /** A key with its first session; another session of the key if it has one. */
  void session(String key, String id) throws SQLException {
    execute(
        "INSERT INTO session_nodes (session_key, current_session_id, entry_json, updated_at)"
            + " VALUES (?1, ?2, '{\"sessionId\":\"' || ?2 || '\",\"updatedAt\":1772975036308}', 1)"
            + " ON CONFLICT DO UPDATE SET current_session_id = ?2, entry_json = excluded.entry_json",
        key,
        id);
    execute(
        "INSERT INTO session_windows (session_id, session_key, previous_session_id, reason,"
            + " created_at, updated_at) SELECT ?1, ?2, (SELECT session_id FROM session_windows"
            + " WHERE session_key = ?2 ORDER BY rowid DESC), 'reset', 1772972135595, 1772972135595"
            + " WHERE true ON CONFLICT DO NOTHING",
        id,
        key);
  }

  void append(String id, String... lines) throws SQLException {
    for (String line : lines) {
      append(id, line.getBytes(UTF_8));
    }
  }

  void append(String id, byte[] line) throws SQLException {
    execute(
        "INSERT INTO transcript_events SELECT ?1, coalesce(max(seq), -1) + 1, CAST(?2 AS TEXT), 1"
            + " FROM transcript_events WHERE session_id = ?1",
        id,
        line);
  }

  void archive(String id, String reason, String encoding, byte[] blob) throws SQLException {
    execute(
        "INSERT INTO session_transcript_archives VALUES (?, ?, 'agent:y:k', ?, ?, ?, '', 1)",
        id,
        Long.toString(System.nanoTime()),
        reason,
        encoding,
        blob);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
