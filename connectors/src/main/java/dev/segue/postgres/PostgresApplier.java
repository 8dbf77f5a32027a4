package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.failpoint.Failpoint;
import dev.segue.ownership.Owner;
import dev.segue.passage.Diversion;
import dev.segue.passage.Gate;
import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Applier;
import dev.segue.spi.OffsetChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies batches with their bookkeeping in one transaction. A batch is first written in bulk; if
 * the target refuses a row, or a row is found in another session, the batch is written once more
 * change by change, which singles out what is to be parked or has to wait.
 */
final class PostgresApplier implements Applier {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresApplier.class);

  /** Writing in bulk is tried this often, with ever less, before it is done one by one. */
  private static final int BULK_ATTEMPTS = 8;

  /** Another member of the sink may go first so often before the stage starts again. */
  private static final int MOST_DEADLOCKS = 8;

  private static final String DEADLOCK = "40P01";

  private final PostgresConnections connections;
  private final String migration;
  private final String origin;
  private final Map<Kind, TargetTable> tables;
  private final Map<String, Kind> kindsBySourceTable;
  private final SourcePosition snapshotEnd;
  private final Map<Integer, AppliedState> claimed = new HashMap<>();
  private final ParkedSessions parked;
  private final AppliedRows applied;
  private final ForeignSessions foreign;
  private final ExpiredSessions expired;
  private final SessionNaming naming;
  private volatile boolean parkingChanged;
  private Connection connection;

  /**
   * @param side that the changes are applied to
   * @param kindsBySourceTable what a source's table holds, for TRUNCATE
   * @param snapshotEnd until here a row that is to be updated may be missing
   */
  PostgresApplier(
      PostgresConnections connections,
      PostgresNames names,
      Owner side,
      String origin,
      Map<Kind, TargetTable> tables,
      Map<String, Kind> kindsBySourceTable,
      SourcePosition snapshotEnd) {
    this.connections = connections;
    this.migration = names.migration();
    this.origin = origin;
    this.tables = tables;
    this.kindsBySourceTable = Map.copyOf(kindsBySourceTable);
    this.snapshotEnd = snapshotEnd;
    this.parked = new ParkedSessions(migration);
    this.applied = new AppliedRows(migration);
    this.expired = new ExpiredSessions(tables);
    this.foreign = new ForeignSessions(names.whole(), side);
    this.naming = SessionNaming.of(names, tables.values());
  }

  private Connection connection() throws SQLException {
    if (connection == null) {
      Connection fresh = connections.open();
      try (Statement statement = fresh.createStatement()) {
        statement.execute("SET lock_timeout = '15s'; SET statement_timeout = '100s'");
        // Else a crash takes back what readers have seen.
        PostgresConnections.commitDurably(fresh);
        ReplicaSession.enter(fresh, origin);
        fresh.setAutoCommit(false);
      } catch (SQLException e) {
        PostgresConnections.close(fresh);
        throw e;
      }
      connection = fresh;
    }
    return connection;
  }

  private void abandon() {
    PostgresConnections.close(connection);
    connection = null;
  }

  @Override
  public Map<Integer, AppliedState> claim(Collection<Integer> partitions) {
    try {
      claimed.clear();
      try (PreparedStatement statement =
          connection()
              .prepareStatement(
                  "UPDATE segue.applied SET epoch = epoch + 1"
                      + " WHERE migration = ? AND partition = ANY (?) RETURNING partition, epoch,"
                      + " next_offset, reached, mark, mark_sent_at, mark_log")) {
        statement.setString(1, migration);
        statement.setArray(2, connection.createArrayOf("int", partitions.toArray()));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            AppliedState state = PostgresLedger.appliedState(rows);
            claimed.put(state.partition(), state);
          }
        }
      }
      parked.load(connection);
      connection.commit();
      return Map.copyOf(claimed);
    } catch (SQLException e) {
      abandon();
      throw PostgresFaults.translate(e, "claiming partitions in " + connections.describe());
    }
  }

  @Override
  public Map<Integer, Long> apply(
      List<OffsetChange> changes, Map<Integer, Long> through, DeadLetterOutlet deadLetters) {
    List<OffsetChange> ordered = Passage.inSourceOrder(changes);
    Map<Integer, Long> limits = new HashMap<>();
    int deadlocks = 0;
    for (int attempt = 1; ; attempt++) {
      try {
        if (parkingChanged) {
          parkingChanged = false;
          parked.load(connection());
        }
        Round round =
            new Round(
                connection(),
                tables,
                new Gate(
                    new Passage(claimed, through),
                    new Diversion(parked.sessions()),
                    tables.keySet(),
                    foreign(ordered),
                    expired.keptBy(connection, ordered)),
                applied,
                parked);
        if (attempt > BULK_ATTEMPTS) {
          new CarefulWriter(round, kindsBySourceTable, snapshotEnd).write(ordered);
          return commit(round, ordered, deadLetters);
        }
        switch (new BulkWriter(round, limits).write(ordered)) {
          case WRITTEN -> {
            return commit(round, ordered, deadLetters);
          }
          case LOOK_CLOSER -> attempt = BULK_ATTEMPTS;
          case LIMITED -> {
            // What the limit leaves out comes again in the next batch.
          }
        }
        connection.rollback();
      } catch (SQLException e) {
        boolean tookTurns = DEADLOCK.equals(e.getSQLState()) && deadlocks++ < MOST_DEADLOCKS;
        if (!tookTurns || !rolledBack()) {
          abandon();
          throw PostgresFaults.translate(e, "applying changes to " + connections.describe());
        }
      } catch (RuntimeException e) {
        abandon();
        throw e;
      }
    }
  }

  private Set<String> foreign(List<OffsetChange> changes) throws SQLException {
    Set<String> found = foreign.among(connection(), changes);
    if (!found.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("sessions", found.size())
          .addKeyValue("session", found.iterator().next())
          .log("somebody got past the fence; what they wrote is kept as dead letters");
    }
    return found;
  }

  private boolean rolledBack() {
    try {
      connection.rollback();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private Map<Integer, Long> commit(
      Round round, List<OffsetChange> changes, DeadLetterOutlet deadLetters) throws SQLException {
    if (naming.isNeeded()) {
      naming.write(
          connection,
          changes.stream().map(change -> change.change().sessionId()).distinct().toList());
    }
    ParkedSessions.record(connection, migration, round.diversion());
    round.diversion().send(deadLetters);
    applied.record(connection, round.passage());
    Failpoint.SINK_BEFORE_COMMIT.hit();
    try {
      connection.commit();
      hitCommitUnknown();
    } catch (SQLException e) {
      abandon();
      if (!isCommitted(round.passage())) {
        throw e;
      }
    }
    naming.committed();
    Failpoint.SINK_AFTER_COMMIT.hit();
    round.diversion().settle();
    claimed.putAll(round.passage().states());
    return round.passage().next();
  }

  private static void hitCommitUnknown() throws SQLException {
    try {
      Failpoint.SINK_COMMIT_UNKNOWN.hit();
    } catch (Failpoint.FailpointException e) {
      throw new SQLException(e.getMessage(), "08006", e);
    }
  }

  private boolean isCommitted(Passage passage) throws SQLException {
    try (Connection fresh = connections.open()) {
      boolean committed = applied.isRecorded(fresh, passage);
      LOG.atInfo()
          .addKeyValue("committed", committed)
          .log("the answer to a commit was lost; the ledger says what became of it");
      return committed;
    }
  }

  @Override
  public void parkingChanged() {
    parkingChanged = true;
  }

  @Override
  public void close() {
    abandon();
  }
}
