package dev.segue.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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

  static boolean exists(PostgresConnections connections, String origin) {
    return connections.with(
        "looking for replication origins",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement("SELECT 1 FROM pg_replication_origin WHERE roname = ?")) {
            statement.setString(1, origin);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next();
            }
          }
        });
  }

  static void dropOrigin(PostgresConnections connections, String origin) {
    connections.with(
        "dropping replication origin " + origin,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin"
                      + " WHERE roname = ?")) {
            statement.setString(1, origin);
            return statement.execute();
          }
        });
  }

  /** Lets go of the origin at once; a server takes its time to notice that a session has ended. */
  static void leave(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_replication_origin_session_reset()");
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
