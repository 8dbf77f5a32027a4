package dev.segue.postgres;

import dev.segue.spi.ParityLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Two tables in schema {@code segue}: the totals, and the sessions that did not pass. */
final class PostgresParityLog implements ParityLog {
  private final PostgresConnections connections;
  private final String migration;

  PostgresParityLog(PostgresConnections connections, String migration) {
    this.connections = connections;
    this.migration = migration;
  }

  @Override
  public void replace(Totals totals, List<NotPassed> notPassed) {
    connections.with(
        "keeping the parity",
        connection -> {
          connection.setAutoCommit(false);
          forget(connection);
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "INSERT INTO segue.parity_total (migration, pass, fail, pending, began_at,"
                      + " checked_at) VALUES (?, ?, ?, ?, ?::timestamptz, ?::timestamptz)")) {
            statement.setString(1, migration);
            statement.setLong(2, totals.pass());
            statement.setLong(3, totals.fail());
            statement.setLong(4, totals.pending());
            statement.setString(5, totals.beganAt());
            statement.setString(6, totals.checkedAt());
            statement.executeUpdate();
          }
          insert(connection, notPassed);
          connection.commit();
          return null;
        });
  }

  private void forget(Connection connection) throws SQLException {
    for (String table : List.of("parity", "parity_total")) {
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM segue." + table + " WHERE migration = ?")) {
        statement.setString(1, migration);
        statement.executeUpdate();
      }
    }
  }

  private void insert(Connection connection, List<NotPassed> notPassed) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.parity SELECT ?, u.* FROM unnest(?::text[], ?::text[], ?::jsonb[]) u"
                + " ON CONFLICT DO NOTHING")) {
      statement.setString(1, migration);
      statement.setArray(
          2, texts(connection, notPassed.stream().map(NotPassed::sessionId).toList()));
      statement.setArray(3, texts(connection, notPassed.stream().map(NotPassed::status).toList()));
      statement.setArray(4, texts(connection, notPassed.stream().map(NotPassed::record).toList()));
      statement.executeUpdate();
    }
  }

  private static java.sql.Array texts(Connection connection, List<String> values)
      throws SQLException {
    return connection.createArrayOf("text", values.toArray());
  }

  @Override
  public void amend(Changed changed, Collection<String> looked, List<NotPassed> notPassed) {
    connections.with(
        "keeping the parity",
        connection -> {
          connection.setAutoCommit(false);
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "DELETE FROM segue.parity WHERE migration = ? AND session_id = ANY (?)")) {
            statement.setString(1, migration);
            statement.setArray(2, texts(connection, List.copyOf(looked)));
            statement.executeUpdate();
          }
          insert(connection, notPassed);
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "UPDATE segue.parity_total SET changed_pass = ?, changed_fail = ?,"
                      + " changed_pending = ?, changed_began_at = ?::timestamptz,"
                      + " changed_at = ?::timestamptz WHERE migration = ?")) {
            statement.setLong(1, changed.pass());
            statement.setLong(2, changed.fail());
            statement.setLong(3, changed.pending());
            statement.setString(4, changed.beganAt());
            statement.setString(5, changed.checkedAt());
            statement.setString(6, migration);
            statement.executeUpdate();
          }
          connection.commit();
          return null;
        });
  }

  @Override
  public List<String> notPassed() {
    return connections.with(
        "reading the parity",
        connection -> {
          List<String> sessions = new ArrayList<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT session_id FROM segue.parity WHERE migration = ?")) {
            statement.setString(1, migration);
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                sessions.add(rows.getString(1));
              }
            }
          }
          return sessions;
        });
  }

  @Override
  public Optional<Totals> totals() {
    return connections.with("reading the parity", connection -> totals(connection, migration));
  }

  /** The same over a session that is there. */
  static Optional<Totals> totals(Connection connection, String migration) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pass, fail, pending, "
                + time("began_at")
                + ", "
                + time("checked_at")
                + ", changed_pass, changed_fail, changed_pending, "
                + time("changed_began_at")
                + ", "
                + time("changed_at")
                + " FROM segue.parity_total WHERE migration = ?")) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(totals(rows)) : Optional.empty();
      }
    }
  }

  private static String time(String column) {
    return "to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
  }

  private static Totals totals(ResultSet rows) throws SQLException {
    Changed changed =
        rows.getString(10) == null
            ? null
            : new Changed(
                rows.getLong(6),
                rows.getLong(7),
                rows.getLong(8),
                rows.getString(9),
                rows.getString(10));
    return new Totals(
        rows.getLong(1),
        rows.getLong(2),
        rows.getLong(3),
        rows.getString(4),
        rows.getString(5),
        changed);
  }
}
