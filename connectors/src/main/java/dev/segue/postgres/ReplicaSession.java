package dev.segue.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Turns a session of the target into one that applies what already happened elsewhere: its writes
 * fire no triggers and check no foreign keys, and a capture of the target knows them by their
 * origin.
 */
final class ReplicaSession {
  private ReplicaSession() {}

  static void enter(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET session_replication_role = replica");
    }
  }

  static void enter(Connection connection, String origin) throws SQLException {
    enter(connection);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_replication_origin_create(?) WHERE NOT EXISTS"
                + " (SELECT FROM pg_replication_origin WHERE roname = ?)")) {
      statement.setString(1, origin);
      statement.setString(2, origin);
      statement.execute();
    }
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_replication_origin_session_setup(?)")) {
      statement.setString(1, origin);
      statement.execute();
    }
  }
}
