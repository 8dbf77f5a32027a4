package dev.segue.postgres;

import dev.segue.canonical.SourcePosition;
import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The ledger's rows that say how far each partition is. */
record AppliedRows(String migration) {
  /** Where all partitions are, those of other sinks too. */
  Map<Integer, SourcePosition> positions(Connection connection) throws SQLException {
    Map<Integer, SourcePosition> positions = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT partition, reached FROM segue.applied WHERE migration = ?")) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          positions.put(rows.getInt(1), SourcePosition.parse(rows.getString(2)));
        }
      }
    }
    return positions;
  }

  /**
   * Moves them on.
   *
   * @throws SystemFault of nature FENCED if they are not what was claimed
   */
  void record(Connection connection, Passage passage) throws SQLException {
    recordBarriers(connection, passage);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.applied SET next_offset = ?, reached = ?, mark = ?, mark_sent_at = ?,"
                + " mark_log = ?, applied_at = now()"
                + " WHERE migration = ? AND partition = ? AND epoch = ? AND next_offset = ?")) {
      for (int partition : passage.partitions()) {
        AppliedState was = passage.claimed(partition);
        AppliedState is = passage.advanced(partition);
        statement.setLong(1, is.nextOffset());
        statement.setString(2, is.reached().toString());
        statement.setString(3, is.mark());
        statement.setLong(4, is.markSentAt());
        statement.setLong(5, is.markLog());
        statement.setString(6, migration);
        statement.setInt(7, partition);
        statement.setLong(8, was.epoch());
        statement.setLong(9, was.nextOffset());
        statement.addBatch();
      }
      for (int count : statement.executeBatch()) {
        if (count != 1) {
          throw SystemFault.fenced("another sink took over the partitions of this one");
        }
      }
    }
  }

  private void recordBarriers(Connection connection, Passage passage) throws SQLException {
    for (Passage.Barrier barrier : passage.barriers()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO segue.barrier VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
        statement.setString(1, migration);
        statement.setString(2, barrier.nonce());
        statement.setInt(3, barrier.partition());
        statement.executeUpdate();
      }
    }
  }

  /**
   * Whether {@link #record} was committed, for when the answer was lost. Waits for the transaction
   * in question to end.
   */
  boolean isRecorded(Connection fresh, Passage passage) throws SQLException {
    try (PreparedStatement statement =
        fresh.prepareStatement(
            PostgresLedger.APPLIED
                + " FROM segue.applied WHERE migration = ? AND partition = ? FOR UPDATE")) {
      int partition = passage.partitions().get(0);
      statement.setString(1, migration);
      statement.setInt(2, partition);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && PostgresLedger.appliedState(rows).equals(passage.advanced(partition));
      }
    }
  }
}
