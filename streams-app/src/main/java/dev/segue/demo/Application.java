package dev.segue.demo;

import dev.segue.client.SegueRoutes.Side;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What an application says to its database: to the old one as it did, to the new one as it will.
 */
final class Application {
  private Application() {}

  /** A message as a side has it. */
  record Message(UUID session, String content) {}

  /** All messages. */
  static Map<UUID, Message> messages(Connection connection, Side side) throws SQLException {
    Map<UUID, Message> all = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                side == Side.SOURCE
                    ? "SELECT id, session_id, content FROM messages"
                    : "SELECT id, session_id, content FROM aria_engine.chat_messages")) {
      while (rows.next()) {
        all.put(
            rows.getObject(1, UUID.class),
            new Message(rows.getObject(2, UUID.class), rows.getString(3)));
      }
    }
    return all;
  }

  /** All sessions. */
  static Set<UUID> sessions(Connection connection, Side side) throws SQLException {
    Set<UUID> all = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                side == Side.SOURCE
                    ? "SELECT id FROM sessions"
                    : "SELECT id FROM aria_engine.chat_sessions")) {
      while (rows.next()) {
        all.add(rows.getObject(1, UUID.class));
      }
    }
    return all;
  }

  private static int update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  private static Timestamp now() {
    return new Timestamp(System.currentTimeMillis());
  }

  /** Messages of a user; said again after a lost answer, they are said once. */
  static void say(Connection connection, Side side, UUID session, Map<UUID, String> messages)
      throws SQLException {
    String sql =
        side == Side.SOURCE
            ? "INSERT INTO messages (id, session_id, role, content, created_at)"
                + " VALUES (?, ?, 'user', ?, ?) ON CONFLICT DO NOTHING"
            : "INSERT INTO aria_engine.chat_messages (id, session_id, role, content, created_at)"
                + " VALUES (?, ?, 'user', ?, ?) ON CONFLICT DO NOTHING";
    for (Map.Entry<UUID, String> message : messages.entrySet()) {
      update(connection, sql, message.getKey(), session, message.getValue(), now());
    }
    update(
        connection,
        side == Side.SOURCE
            ? "UPDATE sessions SET updated_at = ? WHERE id = ?"
            : "UPDATE aria_engine.chat_sessions SET updated_at = ? WHERE id = ?",
        now(),
        session);
  }

  static void edit(Connection connection, Side side, UUID message, String content)
      throws SQLException {
    update(
        connection,
        side == Side.SOURCE
            ? "UPDATE messages SET content = ? WHERE id = ?"
            : "UPDATE aria_engine.chat_messages SET content = ? WHERE id = ?",
        content,
        message);
  }

  static void delete(Connection connection, Side side, UUID message) throws SQLException {
    update(
        connection,
        side == Side.SOURCE
            ? "DELETE FROM messages WHERE id = ?"
            : "DELETE FROM aria_engine.chat_messages WHERE id = ?",
        message);
  }

  /** Begins a session. */
  static void open(Connection connection, Side side, UUID session) throws SQLException {
    if (side == Side.SOURCE) {
      update(
          connection,
          "INSERT INTO sessions VALUES (?, 'talker', 'support', ?, ?, '{\"new\": true}')"
              + " ON CONFLICT DO NOTHING",
          session,
          now(),
          now());
    } else {
      update(
          connection,
          "INSERT INTO aria_engine.chat_sessions (id, agent_id, title)"
              + " VALUES (?, 'support', 'a new one') ON CONFLICT DO NOTHING",
          session);
    }
  }
}
