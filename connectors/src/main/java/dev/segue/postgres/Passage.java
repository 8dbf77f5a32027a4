package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.SourcePosition;
import dev.segue.spi.AppliedState;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far one transaction brings each partition, and the ledger's rows that say so. They move from
 * what was claimed to what is reached, or not at all.
 */
final class Passage {
  private final String migration;
  private final Map<Integer, AppliedState> claimed;
  private final Map<Integer, Long> next;
  private final Map<Integer, SourcePosition> reached = new HashMap<>();
  private final Map<Integer, CanonicalChange.Mark> marks = new HashMap<>();
  private final List<Barrier> barriers = new ArrayList<>();
  private final Set<Integer> blocked = new HashSet<>();

  /** A barrier that a partition has passed. */
  private record Barrier(int partition, String nonce) {}

  /**
   * @param claimed where each partition is
   * @param through for each partition that is read the offset behind the last record
   */
  Passage(String migration, Map<Integer, AppliedState> claimed, Map<Integer, Long> through) {
    this.migration = migration;
    this.claimed = Map.copyOf(claimed);
    this.next = new HashMap<>(through);
  }

  /** The offset at which a partition began. */
  long begin(int partition) {
    return claimed.get(partition).nextOffset();
  }

  /** The next offset of each partition. */
  Map<Integer, Long> next() {
    return Map.copyOf(next);
  }

  /** What the ledger says of each partition once this is committed. */
  Map<Integer, AppliedState> states() {
    Map<Integer, AppliedState> states = new HashMap<>(claimed);
    next.keySet().forEach(partition -> states.put(partition, advanced(partition)));
    return states;
  }

  /**
   * Whether the change comes a second time, as after a topology that began anew. A feed without
   * ordinals does not tell.
   */
  boolean isHistory(OffsetChange change) {
    SourcePosition position = change.change().position();
    return position.ordinal() > 0 && position.isBefore(claimed.get(change.partition()).reached());
  }

  boolean isBlocked(OffsetChange change) {
    return blocked.contains(change.partition());
  }

  void passed(OffsetChange change) {
    if (!isHistory(change)) {
      reached.put(change.partition(), change.change().position().next());
    }
  }

  void passed(int partition, CanonicalChange.Mark mark) {
    marks.put(partition, mark);
    if (mark.nonce().startsWith("barrier-")) {
      barriers.add(new Barrier(partition, mark.nonce()));
    }
  }

  /** Stops a partition before this change: it has to wait for others. */
  void block(OffsetChange change) {
    blocked.add(change.partition());
    next.put(change.partition(), change.offset());
    SourcePosition here = change.change().position();
    SourcePosition sofar =
        reached.getOrDefault(change.partition(), claimed.get(change.partition()).reached());
    reached.put(change.partition(), sofar.isBefore(here) ? here : sofar);
  }

  /** Whether every other partition has applied all that comes before this change. */
  boolean othersReached(Connection connection, OffsetChange change) throws SQLException {
    return othersAre(connection, change, 0);
  }

  /** Whether every other partition has applied this change's position too. */
  boolean othersPassed(Connection connection, OffsetChange change) throws SQLException {
    return othersAre(connection, change, 1);
  }

  private boolean othersAre(Connection connection, OffsetChange change, int least)
      throws SQLException {
    for (Map.Entry<Integer, SourcePosition> other : positions(connection).entrySet()) {
      int order = Integer.signum(other.getValue().compareTo(change.change().position()));
      if (other.getKey() != change.partition() && order < least) {
        return false;
      }
    }
    return true;
  }

  /** Whether the first partition, which does what is done once, has gone beyond this change. */
  boolean firstPassed(Connection connection, OffsetChange change) throws SQLException {
    return positions(connection).get(0).compareTo(change.change().position()) > 0;
  }

  /** Where all partitions are, those of other sinks too. */
  private Map<Integer, SourcePosition> positions(Connection connection) throws SQLException {
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

  private AppliedState advanced(int partition) {
    AppliedState was = claimed.get(partition);
    CanonicalChange.Mark mark = marks.get(partition);
    return new AppliedState(
        partition,
        was.epoch(),
        next.get(partition),
        reached.getOrDefault(partition, was.reached()),
        mark == null ? was.mark() : mark.nonce(),
        mark == null ? was.markSentAt() : mark.sentAt(),
        mark == null ? was.markLog() : mark.position().address());
  }

  /**
   * Writes the ledger's rows.
   *
   * @throws SystemFault of nature FENCED if they are not what was claimed
   */
  void record(Connection connection) throws SQLException {
    recordBarriers(connection);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.applied SET next_offset = ?, reached = ?, mark = ?, mark_sent_at = ?,"
                + " mark_log = ?, applied_at = now()"
                + " WHERE migration = ? AND partition = ? AND epoch = ? AND next_offset = ?")) {
      for (int partition : next.keySet().stream().sorted().toList()) {
        AppliedState was = claimed.get(partition);
        AppliedState is = advanced(partition);
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

  private void recordBarriers(Connection connection) throws SQLException {
    for (Barrier barrier : barriers) {
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
  boolean isRecorded(Connection fresh) throws SQLException {
    try (PreparedStatement statement =
        fresh.prepareStatement(
            PostgresLedger.APPLIED
                + " FROM segue.applied WHERE migration = ? AND partition = ? FOR UPDATE")) {
      int partition = next.keySet().iterator().next();
      statement.setString(1, migration);
      statement.setInt(2, partition);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && PostgresLedger.appliedState(rows).equals(advanced(partition));
      }
    }
  }
}
