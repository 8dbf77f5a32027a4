package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.passage.Passage;
import dev.segue.spi.OffsetChange;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a batch change by change: parks what is at fault, lets wait what has to. */
final class CarefulWriter {
  private static final Logger LOG = LoggerFactory.getLogger(CarefulWriter.class);

  private final Round round;
  private final Map<String, Kind> kindsBySourceTable;
  private final SourcePosition snapshotEnd;

  /**
   * @param kindsBySourceTable what a source's table holds, for TRUNCATE
   * @param snapshotEnd until here a row that is to be updated may be missing
   */
  CarefulWriter(Round round, Map<String, Kind> kindsBySourceTable, SourcePosition snapshotEnd) {
    this.round = round;
    this.kindsBySourceTable = kindsBySourceTable;
    this.snapshotEnd = snapshotEnd;
  }

  void write(List<OffsetChange> changes) throws SQLException {
    for (OffsetChange change : changes) {
      if (round.passage().isBlocked(change)) {
        continue;
      }
      boolean done =
          round.gate().isTruncate(change)
              ? truncate(change)
              : round.handled(change) || writeRow(change);
      if (done) {
        round.passage().passed(change);
      } else {
        round.passage().block(change);
      }
    }
  }

  /** False if the change has to wait. */
  private boolean writeRow(OffsetChange change) throws SQLException {
    return writeRow(change, false);
  }

  /**
   * @param alone whether all other partitions were beyond the change before this attempt began
   */
  private boolean writeRow(OffsetChange change, boolean alone) throws SQLException {
    TargetTable table = round.table(change.change());
    Savepoint before = round.connection().setSavepoint();
    try {
      boolean written = writeRow(table, change);
      round.connection().releaseSavepoint(before);
      return written;
    } catch (UnmappableRowException | MalformedRecordException e) {
      round.connection().rollback(before);
      round.diversion().divert(change, e.getMessage());
    } catch (SQLException e) {
      if (!PostgresFaults.isData(e.getSQLState())) {
        throw e;
      }
      round.connection().rollback(before);
      if (PostgresFaults.isTaken(e.getSQLState()) && !alone) {
        // Whoever has the value may be about to give it up, in a partition that is not as far; or
        // has done so since this was tried, and then it has to be tried once more.
        return Passage.othersPassed(round.positions(), change) && writeRow(change, true);
      }
      String reason = PostgresFaults.firstLine(e) + " [" + e.getSQLState() + "]";
      round.diversion().divert(change, table.id() + ": " + reason);
    }
    return true;
  }

  private boolean writeRow(TargetTable table, OffsetChange change) throws SQLException {
    if (change.change() instanceof CanonicalChange.Retain retain) {
      String session = table.writer().sessionText(retain.sessionId());
      List<Written> rows = Round.stay(table, retain);
      round.rows().deleteOtherMessages(table, session, rows);
      round.order().keep(table, session, rows);
      return true;
    }
    List<Written> rows = Round.rows(table, change.change());
    if (change.change() instanceof CanonicalChange.Delete) {
      round.rows().delete(table, rows);
    } else {
      for (Written row : rows) {
        if (!writeRow(table, change, row)) {
          return false;
        }
      }
    }
    SurplusItems surplus = new SurplusItems(table);
    surplus.add(change.change(), rows.size(), unused -> false);
    surplus.delete(round.rows());
    return true;
  }

  private boolean writeRow(TargetTable table, OffsetChange change, Written row)
      throws SQLException {
    Batch.Signature signature = Batch.signature(table, row);
    if (round.rows().write(table, signature, List.of(row))) {
      return true;
    }
    if (!Passage.othersPassed(round.positions(), change)) {
      return false;
    }
    // All others have passed this place and the row is still in another session: it came there
    // later, and this change is history. Unless it never came.
    if (round.isHeldByParked(table, row)) {
      throw new UnmappableRowException("its row is still held by a session that is parked");
    }
    boolean mayBeMissing = signature.whole() || change.change().position().isBefore(snapshotEnd);
    if (!mayBeMissing && round.rows().holder(table, row).isEmpty()) {
      throw new UnmappableRowException(
          "the row to be updated is missing in " + table.id() + "; read the session again");
    }
    return true;
  }

  /**
   * All partitions come to a TRUNCATE and stop; then the first one empties the table and goes on;
   * then the others do. False if the change has to wait.
   */
  private boolean truncate(OffsetChange change) throws SQLException {
    if (change.partition() != 0) {
      return Passage.firstPassed(round.positions(), change);
    }
    if (!Passage.othersReached(round.positions(), change)) {
      return false;
    }
    Kind kind = kindsBySourceTable.get(((CanonicalChange.Truncate) change.change()).table());
    TargetTable table = kind == null ? null : round.tables().get(kind);
    if (table != null) {
      LOG.atInfo()
          .addKeyValue("table", table.id())
          .addKeyValue("rows", round.rows().deleteAll(table))
          .log("emptied, because the source truncated its table");
    }
    return true;
  }
}
