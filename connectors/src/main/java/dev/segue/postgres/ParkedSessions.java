package dev.segue.postgres;

import dev.segue.passage.Diversion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The sessions that the ledger says are parked: nothing more of them is applied. */
final class ParkedSessions {
  private final String migration;
  private final Set<String> sessions = new HashSet<>();

  ParkedSessions(String migration) {
    this.migration = migration;
  }

  /** Reads them anew: the snapshot and other sinks park sessions too. */
  void load(Connection connection) throws SQLException {
    sessions.clear();
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT session_id FROM segue.parked WHERE migration = ?")) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sessions.add(rows.getString(1));
        }
      }
    }
  }

  /** All of them, as they were loaded; whoever parks or releases some changes it. */
  Set<String> sessions() {
    return sessions;
  }

  /** Writes what one transaction parks and takes off. */
  static void record(Connection connection, String migration, Diversion diversion)
      throws SQLException {
    if (!diversion.released().isEmpty()) {
      release(connection, migration, diversion.released());
    }
    for (Map.Entry<String, Diversion.Parking> session : diversion.parkings().entrySet()) {
      Diversion.Parking parking = session.getValue();
      park(connection, migration, session.getKey(), parking.reason(), parking.records());
    }
  }

  /** Takes sessions off those that are parked. */
  private static void release(Connection connection, String migration, Collection<String> sessions)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM segue.parked WHERE migration = ? AND session_id = ANY (?)")) {
      statement.setString(1, migration);
      statement.setArray(2, connection.createArrayOf("text", sessions.toArray()));
      statement.executeUpdate();
    }
  }

  /** Marks a session as parked, or counts more records of one that is. */
  static void park(
      Connection connection, String migration, String session, String reason, long records)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.parked AS p (migration, session_id, reason, records)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT (migration, session_id) DO UPDATE"
                + " SET records = p.records + EXCLUDED.records")) {
      statement.setString(1, migration);
      statement.setString(2, session);
      statement.setString(3, reason);
      statement.setLong(4, records);
      statement.executeUpdate();
    }
  }
}
