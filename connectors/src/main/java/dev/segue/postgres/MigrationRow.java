package dev.segue.postgres;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/** What a migration is, as a row of {@code segue.migration} and one of each of its partitions. */
final class MigrationRow {
  private MigrationRow() {}

  static Optional<Ledger.Migration> read(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT name, source_identity, source_layout, target_layout, partitions, id,
              to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), phase,
              cutoff_log, cutoff_horizon, snapshot_log, topic, source_fingerprint,
              target_fingerprint
            FROM segue.migration WHERE name = ?
            """)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          return Optional.empty();
        }
        Ledger.Identity identity =
            new Ledger.Identity(
                rows.getString(1),
                rows.getString(2),
                new Ledger.Side(rows.getString(3), rows.getString("source_fingerprint")),
                new Ledger.Side(rows.getString(4), rows.getString("target_fingerprint")),
                rows.getInt(5));
        String cutoff = rows.getString(9);
        return Optional.of(
            new Ledger.Migration(
                identity,
                rows.getString(6),
                rows.getString(7),
                rows.getString(8),
                cutoff == null
                    ? Optional.empty()
                    : Optional.of(new Cutoff(cutoff, rows.getString(10))),
                Optional.ofNullable(rows.getString(11)),
                Optional.ofNullable(rows.getString(12))));
      }
    }
  }

  static void create(Connection connection, Ledger.Identity identity) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.migration (name, id, source_identity, source_layout,"
                + " source_fingerprint, target_layout, target_fingerprint, partitions, phase)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'new')")) {
      statement.setString(1, identity.name());
      statement.setString(2, UUID.randomUUID().toString());
      statement.setString(3, identity.sourceIdentity());
      statement.setString(4, identity.source().layout());
      statement.setString(5, identity.source().fingerprint());
      statement.setString(6, identity.target().layout());
      statement.setString(7, identity.target().fingerprint());
      statement.setInt(8, identity.partitions());
      statement.executeUpdate();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.applied (migration, partition, reached)"
                + " SELECT ?, p, ? FROM generate_series(0, ? - 1) p")) {
      statement.setString(1, identity.name());
      statement.setString(2, SourcePosition.START.toString());
      statement.setInt(3, identity.partitions());
      statement.executeUpdate();
    }
  }
}
