package dev.segue.postgres;

import dev.segue.spi.ParityLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
                  "INSERT INTO segue.parity_total VALUES (?, ?, ?, ?, ?::timestamptz)")) {
            statement.setString(1, migration);
            statement.setLong(2, totals.pass());
            statement.setLong(3, totals.fail());
            statement.setLong(4, totals.pending());
            statement.setString(5, totals.checkedAt());
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
  public Optional<Totals> totals() {
    return connections.with(
        "reading the parity",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT pass, fail, pending, to_char(checked_at AT TIME ZONE 'UTC',"
                      + " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM segue.parity_total"
                      + " WHERE migration = ?")) {
            statement.setString(1, migration);
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next()
                  ? Optional.of(
                      new Totals(
                          rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getString(4)))
                  : Optional.empty();
            }
          }
        });
  }
}
