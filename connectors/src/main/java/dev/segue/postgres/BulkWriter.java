package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.failpoint.Failpoint;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.passage.Passage;
import dev.segue.spi.OffsetChange;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Writes a batch folded to the last state of each row, with a few statements for each table. */
final class BulkWriter {
  private final Round round;
  private final Map<Integer, Long> limits;
  private final Batch batch = new Batch();
  private final Map<Kind, SurplusItems> surplus = new EnumMap<>(Kind.class);

  /** What became of a batch. */
  enum Outcome {
    WRITTEN,
    /** A partition got a limit: once more, with less of it. */
    LIMITED,
    /** A row is at fault, or waits: change by change. */
    LOOK_CLOSER
  }

  /**
   * @param limits for some partitions the first offset that is not to be applied this time; gets
   *     more where a row has to wait
   */
  BulkWriter(Round round, Map<Integer, Long> limits) {
    this.round = round;
    this.limits = limits;
  }

  /**
   * @param changes as the source made them, so that a row leaves before it arrives
   */
  Outcome write(List<OffsetChange> changes) throws SQLException {
    try {
      return fold(changes) ? writeTables() : Outcome.LOOK_CLOSER;
    } catch (UnmappableRowException | MalformedRecordException e) {
      return Outcome.LOOK_CLOSER;
    } catch (SQLException e) {
      if (PostgresFaults.isData(e.getSQLState())) {
        return Outcome.LOOK_CLOSER;
      }
      throw e;
    }
  }

  /** False if there is something that cannot be folded. */
  private boolean fold(List<OffsetChange> changes) {
    Passage passage = round.passage();
    for (OffsetChange change : changes) {
      if (passage.isBlocked(change)) {
        continue;
      }
      if (round.gate().isTruncate(change)) {
        return false;
      }
      if (change.offset() >= limits.getOrDefault(change.partition(), Long.MAX_VALUE)) {
        passage.block(change);
      } else if (round.handled(change) || fold(change)) {
        passage.passed(change);
      } else {
        // The row is being written to another session by this batch: that has to be done first.
        passage.block(change);
      }
    }
    return true;
  }

  private boolean fold(OffsetChange change) {
    TargetTable table = round.table(change.change());
    if (change.change() instanceof CanonicalChange.Retain retain) {
      batch.retain(table, retain.sessionId(), Round.stay(table, retain));
      return true;
    }
    List<Written> rows = Round.rows(table, change.change());
    for (Written row : rows) {
      boolean deleted = change.change() instanceof CanonicalChange.Delete;
      if (!batch.add(table, change, row, deleted)) {
        return false;
      }
    }
    surplus
        .computeIfAbsent(table.writer().kind(), unused -> new SurplusItems(table))
        .add(
            change.change(),
            rows.size(),
            item -> batch.forget(table, change.change().sessionId(), item));
    return true;
  }

  private Outcome writeTables() throws SQLException {
    for (TargetTable table : round.tables().values()) {
      List<Written> deletes = batch.deletes(table.writer().kind());
      if (!deletes.isEmpty()) {
        round.rows().delete(table, deletes);
      }
    }
    for (SurplusItems items : surplus.values()) {
      items.delete(round.rows());
    }
    for (TargetTable table : round.tables().values()) {
      for (Batch.Retained retained : batch.retained(table.writer().kind())) {
        String session = table.writer().sessionText(retained.session());
        round.rows().deleteOtherMessages(table, session, retained.rows());
      }
    }
    Failpoint.SINK_MID_BATCH.hit();
    for (TargetTable table : round.tables().values()) {
      for (Batch.Group group : batch.upserts(table)) {
        if (!round.rows().write(table, group.signature(), group.written())) {
          Outcome outcome = whatAboutOthers(table, group);
          if (outcome != Outcome.WRITTEN) {
            return outcome;
          }
        }
      }
      for (Batch.Retained retained : batch.retained(table.writer().kind())) {
        String session = table.writer().sessionText(retained.session());
        round.order().keep(table, session, retained.rows());
      }
    }
    return Outcome.WRITTEN;
  }

  /**
   * Some rows of the group are in another session. Where all other partitions have gone beyond the
   * row's last change, the row came to that session later, and the change is history. Where they
   * have not, the row's partition ends before its first change this time; and if that is the first
   * change of all, it is tried alone, so that it waits for nothing but what came before it.
   */
  private Outcome whatAboutOthers(TargetTable table, Batch.Group group) throws SQLException {
    if (!group.signature().whole()) {
      return Outcome.LOOK_CLOSER;
    }
    Outcome outcome = Outcome.WRITTEN;
    for (int place : round.rows().elsewhere(table, group.written())) {
      Batch.Row row = group.rows().get(place);
      if (!Passage.othersPassed(round.positions(), row.last())) {
        limit(row.first());
        outcome = Outcome.LIMITED;
      } else if (round.isHeldByParked(table, row.written())) {
        return Outcome.LOOK_CLOSER;
      }
    }
    return outcome;
  }

  private void limit(OffsetChange change) {
    long begin = round.passage().begin(change.partition());
    boolean alone = limits.getOrDefault(change.partition(), Long.MAX_VALUE) == change.offset() + 1;
    boolean first = !limits.containsKey(change.partition()) && change.offset() <= begin;
    long limit = first && !alone ? change.offset() + 1 : change.offset();
    limits.merge(change.partition(), limit, Math::min);
  }
}
