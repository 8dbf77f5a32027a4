package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.RowWriter.Written;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Applier;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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

  private final PostgresConnections connections;
  private final String migration;
  private final String origin;
  private final Map<Kind, TargetTable> tables;
  private final Map<String, Kind> kindsBySourceTable;
  private final SourcePosition snapshotEnd;
  private final Map<Integer, AppliedState> claimed = new HashMap<>();
  private final Set<String> parked = new HashSet<>();
  private Connection connection;

  /**
   * @param kindsBySourceTable what a source's table holds, for TRUNCATE
   * @param snapshotEnd until here a row that is to be updated may be missing
   */
  PostgresApplier(
      PostgresConnections connections,
      String migration,
      String origin,
      Map<Kind, TargetTable> tables,
      Map<String, Kind> kindsBySourceTable,
      SourcePosition snapshotEnd) {
    this.connections = connections;
    this.migration = migration;
    this.origin = origin;
    this.tables = tables;
    this.kindsBySourceTable = Map.copyOf(kindsBySourceTable);
    this.snapshotEnd = snapshotEnd;
  }

  private Connection connection() throws SQLException {
    if (connection == null) {
      Connection fresh = connections.open();
      try (java.sql.Statement statement = fresh.createStatement()) {
        statement.execute("SET lock_timeout = '15s'; SET statement_timeout = '100s'");
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
      loadParked();
      connection.commit();
      return Map.copyOf(claimed);
    } catch (SQLException e) {
      abandon();
      throw PostgresFaults.translate(e, "claiming partitions in " + connections.describe());
    }
  }

  private void loadParked() throws SQLException {
    parked.clear();
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT session_id FROM segue.parked WHERE migration = ?")) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          parked.add(rows.getString(1));
        }
      }
    }
  }

  @Override
  public Map<Integer, Long> apply(
      List<OffsetChange> changes, Map<Integer, Long> through, DeadLetterOutlet deadLetters) {
    Set<String> parkedBefore = Set.copyOf(parked);
    Map<Integer, Long> limits = new HashMap<>();
    for (int attempt = 1; ; attempt++) {
      try {
        connection();
        Round round = new Round(through, limits, deadLetters);
        // What a limit leaves out comes again in the next batch; a row at fault is singled out.
        if (attempt <= BULK_ATTEMPTS) {
          Outcome outcome = round.collect(changes) ? round.writeBulk() : Outcome.LOOK_CLOSER;
          if (outcome == Outcome.WRITTEN) {
            return round.commit();
          }
          if (outcome == Outcome.LOOK_CLOSER) {
            attempt = BULK_ATTEMPTS;
          }
          connection.rollback();
        } else {
          round.writeOneByOne(changes);
          return round.commit();
        }
      } catch (SQLException e) {
        boolean tookTurns = "40P01".equals(e.getSQLState()) && attempt < BULK_ATTEMPTS;
        if (!tookTurns || !rolledBack()) {
          abandon();
          parked.retainAll(parkedBefore);
          throw PostgresFaults.translate(e, "applying changes to " + connections.describe());
        }
      } catch (RuntimeException e) {
        abandon();
        parked.retainAll(parkedBefore);
        throw e;
      }
      parked.retainAll(parkedBefore);
    }
  }

  private boolean rolledBack() {
    try {
      connection.rollback();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /** What became of a batch in bulk. */
  private enum Outcome {
    WRITTEN,
    /** A partition got a limit: once more, with less of it. */
    LIMITED,
    /** One by one. */
    LOOK_CLOSER
  }

  /** Marks a session as parked, or counts one more record of one that is. */
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

  /** A change on its way to the dead letters. */
  private record Letter(OffsetChange change, String reason) {}

  /** A barrier that a partition has passed. */
  private record Barrier(int partition, String nonce) {}

  /** One attempt at a batch. */
  private final class Round {
    private final Map<Integer, Long> next;
    private final Map<Integer, SourcePosition> reached = new HashMap<>();
    private final Map<Integer, CanonicalChange.Mark> marks = new HashMap<>();
    private final List<Barrier> barriers = new java.util.ArrayList<>();
    private final Set<Integer> blocked = new HashSet<>();
    private final Map<String, Long> diverted = new HashMap<>();
    private final Map<String, String> reasons = new HashMap<>();
    private final List<Letter> letters = new java.util.ArrayList<>();
    private final Batch batch = new Batch();
    private final DeadLetterOutlet deadLetters;
    private final Map<Integer, Long> limits;

    /**
     * @param limits for some partitions the first offset that is not to be applied this time
     */
    Round(Map<Integer, Long> through, Map<Integer, Long> limits, DeadLetterOutlet deadLetters) {
      this.next = new HashMap<>(through);
      this.limits = limits;
      this.deadLetters = deadLetters;
    }

    private void passed(OffsetChange change) {
      if (!isHistory(change)) {
        reached.put(change.partition(), change.change().position().next());
      }
    }

    /**
     * Whether the change comes a second time, as after a topology that began anew. A feed without
     * ordinals does not tell.
     */
    private boolean isHistory(OffsetChange change) {
      SourcePosition position = change.change().position();
      return position.ordinal() > 0 && position.isBefore(claimed.get(change.partition()).reached());
    }

    /** Stops a partition before this change: it has to wait for others. */
    private void block(OffsetChange change) {
      blocked.add(change.partition());
      next.put(change.partition(), change.offset());
      SourcePosition here = change.change().position();
      SourcePosition sofar =
          reached.getOrDefault(change.partition(), claimed.get(change.partition()).reached());
      reached.put(change.partition(), sofar.isBefore(here) ? here : sofar);
    }

    private void divert(OffsetChange change, String reason) {
      parked.add(change.change().sessionId());
      reasons.putIfAbsent(change.change().sessionId(), reason);
      diverted.merge(change.change().sessionId(), 1L, Long::sum);
      if (!(change.change() instanceof CanonicalChange.Park)) {
        letters.add(new Letter(change, reason));
      }
    }

    /** What needs no row of the target; true if the change is dealt with. */
    private boolean handled(OffsetChange change) throws SQLException {
      CanonicalChange what = change.change();
      if (isHistory(change)) {
        return true;
      }
      if (what instanceof CanonicalChange.Mark mark) {
        marks.put(change.partition(), mark);
        if (mark.nonce().startsWith("barrier-")) {
          barriers.add(new Barrier(change.partition(), mark.nonce()));
        }
      } else if (what instanceof CanonicalChange.Park park) {
        divert(change, park.reason());
      } else if (what.sessionId() != null && parked.contains(what.sessionId())) {
        divert(change, "its session is parked");
      } else if (!(what instanceof CanonicalChange.Truncate)) {
        return false;
      }
      return true;
    }

    /** Folds the changes; false if they have to be written one by one. */
    boolean collect(List<OffsetChange> changes) throws SQLException {
      for (OffsetChange change : inSourceOrder(changes)) {
        if (blocked.contains(change.partition())) {
          continue;
        }
        if (change.offset() >= limits.getOrDefault(change.partition(), Long.MAX_VALUE)) {
          block(change);
          continue;
        }
        if (change.change() instanceof CanonicalChange.Truncate && !isHistory(change)) {
          return false;
        }
        if (!handled(change)) {
          TargetTable table = table(change.change());
          if (table != null) {
            Written row;
            try {
              row = row(table, change.change());
            } catch (UnmappableRowException | MalformedRecordException e) {
              return false;
            }
            if (!batch.add(table, change, row, change.change() instanceof CanonicalChange.Delete)) {
              // The row was touched for another session in this batch: that has to be written
              // first.
              block(change);
              continue;
            }
          }
        }
        passed(change);
      }
      return true;
    }

    /** All partitions' changes as the source made them, so that a row leaves before it arrives. */
    private static List<OffsetChange> inSourceOrder(List<OffsetChange> changes) {
      List<OffsetChange> ordered = new java.util.ArrayList<>(changes);
      boolean positioned =
          changes.stream().allMatch(change -> change.change().position().ordinal() > 0);
      if (positioned) {
        ordered.sort(java.util.Comparator.comparing(change -> change.change().position()));
      }
      return ordered;
    }

    private TargetTable table(CanonicalChange change) {
      Kind kind =
          change instanceof CanonicalChange.Upsert upsert
              ? upsert.entity().kind()
              : ((CanonicalChange.Delete) change).entity().kind();
      return tables.get(kind);
    }

    private Written row(TargetTable table, CanonicalChange change) {
      return change instanceof CanonicalChange.Upsert upsert
          ? table.writer().write(upsert.entity())
          : table.writer().writeIdentity(((CanonicalChange.Delete) change).entity());
    }

    /** Writes the folded rows. */
    Outcome writeBulk() throws SQLException {
      try {
        for (TargetTable table : tables.values()) {
          List<Written> deletes = batch.deletes(table.writer().kind());
          if (!deletes.isEmpty()) {
            execute(table, table.delete(), table.identity(), deletes);
          }
        }
        Failpoint.SINK_MID_BATCH.hit();
        for (TargetTable table : tables.values()) {
          for (Batch.Group group : batch.upserts(table)) {
            if (!write(table, group.signature(), group.written())) {
              Outcome outcome = whatAboutOthers(table, group);
              if (outcome != Outcome.WRITTEN) {
                return outcome;
              }
            }
          }
        }
        return Outcome.WRITTEN;
      } catch (SQLException e) {
        if (PostgresFaults.isData(e.getSQLState())) {
          return Outcome.LOOK_CLOSER;
        }
        throw e;
      }
    }

    /**
     * Some rows of the group are in another session. Where all other partitions have gone beyond
     * the row's last change, the row came to that session later, and the change is history. Where
     * they have not, the row's partition ends before its first change this time; and if that is the
     * first change of all, it is tried alone, so that it waits for nothing but what came before it.
     */
    private Outcome whatAboutOthers(TargetTable table, Batch.Group group) throws SQLException {
      if (!group.signature().whole()) {
        return Outcome.LOOK_CLOSER;
      }
      Outcome outcome = Outcome.WRITTEN;
      for (int place : elsewhere(table, group.written())) {
        Batch.Row row = group.rows().get(place - 1);
        if (!othersReached(row.last(), true)) {
          limit(row.first());
          outcome = Outcome.LIMITED;
        } else if (isHeldByParked(table, row.written())) {
          return Outcome.LOOK_CLOSER;
        }
      }
      return outcome;
    }

    private void limit(OffsetChange change) {
      long begin = claimed.get(change.partition()).nextOffset();
      boolean alone =
          limits.getOrDefault(change.partition(), Long.MAX_VALUE) == change.offset() + 1;
      boolean first = !limits.containsKey(change.partition()) && change.offset() <= begin;
      long limit = first && !alone ? change.offset() + 1 : change.offset();
      limits.merge(change.partition(), limit, Math::min);
    }

    private List<Integer> elsewhere(TargetTable table, List<Written> rows) throws SQLException {
      List<Integer> places = new java.util.ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(table.elsewhere())) {
        bind(statement, table, table.identity(), rows);
        try (ResultSet found = statement.executeQuery()) {
          while (found.next()) {
            places.add(found.getInt(1));
          }
        }
      }
      return places;
    }

    /** Whether every row was written. */
    private boolean write(TargetTable table, Batch.Signature signature, List<Written> rows)
        throws SQLException {
      if (signature.whole()) {
        int count = execute(table, table.upsert(signature.columns()), signature.columns(), rows);
        return count == rows.size() || !table.upsertCountsAll(signature.columns());
      }
      String sql = table.update(signature.columns(), signature.partial());
      return execute(table, sql, signature.columns(), rows) == rows.size();
    }

    private void bind(
        PreparedStatement statement,
        TargetTable table,
        java.util.BitSet columns,
        List<Written> rows)
        throws SQLException {
      int parameter = 1;
      for (int c = columns.nextSetBit(0); c >= 0; c = columns.nextSetBit(c + 1)) {
        String[] values = new String[rows.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = table.literal(c, rows.get(i).values()[c]);
        }
        statement.setArray(parameter++, connection.createArrayOf("text", values));
      }
    }

    private int execute(TargetTable table, String sql, java.util.BitSet columns, List<Written> rows)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        bind(statement, table, columns, rows);
        return statement.executeUpdate();
      }
    }

    void writeOneByOne(List<OffsetChange> changes) throws SQLException {
      for (OffsetChange change : changes) {
        if (blocked.contains(change.partition())) {
          continue;
        }
        if (change.change() instanceof CanonicalChange.Truncate truncate && !isHistory(change)) {
          truncate(change, truncate);
        } else if (handled(change)) {
          passed(change);
        } else {
          writeOne(change);
        }
      }
    }

    private void writeOne(OffsetChange change) throws SQLException {
      TargetTable table = table(change.change());
      if (table == null) {
        passed(change);
        return;
      }
      java.sql.Savepoint before = connection.setSavepoint();
      try {
        if (writeAlone(table, change)) {
          passed(change);
        } else {
          block(change);
        }
        connection.releaseSavepoint(before);
      } catch (UnmappableRowException | MalformedRecordException e) {
        connection.rollback(before);
        divert(change, e.getMessage());
        passed(change);
      } catch (SQLException e) {
        if (!PostgresFaults.isData(e.getSQLState())) {
          throw e;
        }
        connection.rollback(before);
        divert(
            change, table.id() + ": " + PostgresFaults.firstLine(e) + " [" + e.getSQLState() + "]");
        passed(change);
      }
    }

    /** False if the change has to wait. */
    private boolean writeAlone(TargetTable table, OffsetChange change) throws SQLException {
      Written row = row(table, change.change());
      if (change.change() instanceof CanonicalChange.Delete) {
        execute(table, table.delete(), table.identity(), List.of(row));
        return true;
      }
      Batch.Signature signature = Batch.signature(table, row);
      if (write(table, signature, List.of(row))) {
        return true;
      }
      // The row is in another session. If all others have passed this place and it still is, then
      // it came there later, and this change is history.
      boolean settled = othersReached(change, true);
      if (settled && isHeldByParked(table, row)) {
        throw new UnmappableRowException("its row is still held by a session that is parked");
      }
      if (!signature.whole() && settled) {
        if (!change.change().position().isBefore(snapshotEnd) && !isElsewhere(table, row)) {
          throw new UnmappableRowException(
              "the row to be updated is missing in " + table.id() + "; read the session again");
        }
      }
      return settled;
    }

    /** Whether the row cannot leave the session it is in, because that session is parked. */
    private boolean isHeldByParked(TargetTable table, Written row) throws SQLException {
      loadParkedElsewhere();
      if (parked.isEmpty()) {
        return false;
      }
      try (PreparedStatement statement = connection.prepareStatement(table.holder())) {
        int parameter = 1;
        for (int c : table.keyIndexes()) {
          statement.setString(parameter++, table.literal(c, row.values()[c]));
        }
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next()
              && parked.stream()
                  .map(table.writer()::sessionText)
                  .anyMatch(rows.getString(1)::equals);
        }
      }
    }

    private void loadParkedElsewhere() throws SQLException {
      Set<String> mine = Set.copyOf(parked);
      loadParked();
      parked.addAll(mine);
    }

    private boolean isElsewhere(TargetTable table, Written row) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(table.exists())) {
        int parameter = 1;
        for (int c : table.keyIndexes()) {
          statement.setString(parameter++, table.literal(c, row.values()[c]));
        }
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next();
        }
      }
    }

    /**
     * Whether every other partition has applied all that comes before this change.
     *
     * @param beyond whether they must have gone beyond it
     */
    private boolean othersReached(OffsetChange change, boolean beyond) throws SQLException {
      for (Map.Entry<Integer, SourcePosition> other : positions().entrySet()) {
        int order = other.getValue().compareTo(change.change().position());
        if (other.getKey() != change.partition() && (beyond ? order <= 0 : order < 0)) {
          return false;
        }
      }
      return true;
    }

    /** Where all partitions are, this transaction included. */
    private Map<Integer, SourcePosition> positions() throws SQLException {
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
     * All partitions come to a TRUNCATE and stop; then the first one empties the table and goes on;
     * then the others do.
     */
    private void truncate(OffsetChange change, CanonicalChange.Truncate truncate)
        throws SQLException {
      if (change.partition() == 0) {
        if (!othersReached(change, false)) {
          block(change);
          return;
        }
        Kind kind = kindsBySourceTable.get(truncate.table());
        TargetTable table = kind == null ? null : tables.get(kind);
        if (table != null) {
          try (java.sql.Statement statement = connection.createStatement()) {
            int rows = statement.executeUpdate(table.deleteAll());
            LOG.atInfo()
                .addKeyValue("table", table.id())
                .addKeyValue("rows", rows)
                .log("emptied, because the source truncated its table");
          }
        }
        passed(change);
      } else if (positions().get(0).compareTo(change.change().position()) > 0) {
        passed(change);
      } else {
        block(change);
      }
    }

    Map<Integer, Long> commit() throws SQLException {
      for (Map.Entry<String, Long> session : diverted.entrySet()) {
        park(
            connection,
            migration,
            session.getKey(),
            reasons.get(session.getKey()),
            session.getValue());
      }
      if (!letters.isEmpty()) {
        letters.forEach(letter -> deadLetters.put(letter.change(), letter.reason()));
        deadLetters.flush();
      }
      recordBarriers();
      advance();
      Failpoint.SINK_BEFORE_COMMIT.hit();
      try {
        connection.commit();
        hitCommitUnknown();
      } catch (SQLException e) {
        abandon();
        resolve(e);
      }
      Failpoint.SINK_AFTER_COMMIT.hit();
      next.forEach((partition, offset) -> claimed.put(partition, advanced(partition, offset)));
      return Map.copyOf(next);
    }

    private void hitCommitUnknown() throws SQLException {
      try {
        Failpoint.SINK_COMMIT_UNKNOWN.hit();
      } catch (Failpoint.FailpointException e) {
        throw new SQLException(e.getMessage(), "08006", e);
      }
    }

    private AppliedState advanced(int partition, long offset) {
      AppliedState was = claimed.get(partition);
      CanonicalChange.Mark mark = marks.get(partition);
      return new AppliedState(
          partition,
          was.epoch(),
          offset,
          reached.getOrDefault(partition, was.reached()),
          mark == null ? was.mark() : mark.nonce(),
          mark == null ? was.markSentAt() : mark.sentAt(),
          mark == null ? was.markLog() : mark.position().address());
    }

    private void recordBarriers() throws SQLException {
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

    private void advance() throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE segue.applied SET next_offset = ?, reached = ?, mark = ?, mark_sent_at = ?,"
                  + " mark_log = ?, applied_at = now()"
                  + " WHERE migration = ? AND partition = ? AND epoch = ? AND next_offset = ?")) {
        List<Integer> partitions = next.keySet().stream().sorted().toList();
        for (int partition : partitions) {
          AppliedState was = claimed.get(partition);
          AppliedState is = advanced(partition, next.get(partition));
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

    /** Finds out whether a commit whose answer was lost took place. */
    private void resolve(SQLException lost) throws SQLException {
      try (Connection fresh = connections.open();
          PreparedStatement statement =
              fresh.prepareStatement(
                  PostgresLedger.APPLIED
                      + " FROM segue.applied WHERE migration = ? AND partition = ? FOR UPDATE")) {
        int partition = next.keySet().iterator().next();
        statement.setString(1, migration);
        statement.setInt(2, partition);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          AppliedState now = PostgresLedger.appliedState(rows);
          AppliedState was = claimed.get(partition);
          boolean committed =
              now.epoch() == was.epoch() && now.equals(advanced(partition, next.get(partition)));
          LOG.atInfo()
              .addKeyValue("committed", committed)
              .log("the answer to a commit was lost; the ledger says what became of it");
          if (!committed) {
            throw lost;
          }
        }
      }
    }
  }

  @Override
  public void close() {
    abandon();
  }
}
