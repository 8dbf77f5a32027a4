package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.layout.Written;
import dev.segue.spi.OffsetChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One attempt at a batch, in one transaction: what both ways of writing it share.
 *
 * @param foreign sessions of which nothing may be applied, because they belong to this side
 * @param kept deletions that are passed over, because the target keeps what expires
 */
record Round(
    Connection connection,
    Map<Kind, TargetTable> tables,
    Passage passage,
    Diversion diversion,
    Set<String> foreign,
    Set<OffsetChange> kept) {

  TargetRows rows() {
    return new TargetRows(connection);
  }

  RowOrder order() {
    return new RowOrder(connection);
  }

  /** Does what needs no row of the target; true if that is all there is to do for the change. */
  boolean handled(OffsetChange change) {
    CanonicalChange what = change.change();
    if (passage.isHistory(change) || kept.contains(change)) {
      return true;
    }
    if (what instanceof CanonicalChange.Mark mark) {
      passage.passed(change.partition(), mark);
    } else if (what.sessionId() != null && foreign.contains(what.sessionId())) {
      diversion.keep(change, "its session belongs to the side that it was to be brought to");
    } else if (what instanceof CanonicalChange.Release) {
      diversion.release(what.sessionId());
    } else if (what instanceof CanonicalChange.Park park) {
      diversion.divert(change, park.reason());
    } else if (what.sessionId() != null && diversion.isParked(what.sessionId())) {
      diversion.divert(change, "its session is parked");
    } else if (!(what instanceof CanonicalChange.Truncate)) {
      return tables.get(kind(what)) == null;
    }
    return true;
  }

  boolean isTruncate(OffsetChange change) {
    return change.change() instanceof CanonicalChange.Truncate && !passage.isHistory(change);
  }

  TargetTable table(CanonicalChange change) {
    return tables.get(kind(change));
  }

  private static Kind kind(CanonicalChange change) {
    if (change instanceof CanonicalChange.Retain retain) {
      return retain.kind();
    }
    return change instanceof CanonicalChange.Upsert upsert
        ? upsert.entity().kind()
        : ((CanonicalChange.Delete) change).entity().kind();
  }

  /** What identifies the rows that stay. */
  static List<Written> rows(TargetTable table, CanonicalChange.Retain change) {
    return change.entities().stream().map(table.writer()::writeIdentity).toList();
  }

  /** The change as a row of the target. */
  static Written row(TargetTable table, CanonicalChange change) {
    return change instanceof CanonicalChange.Upsert upsert
        ? table.writer().write(upsert.entity())
        : table.writer().writeIdentity(((CanonicalChange.Delete) change).entity());
  }

  /** Whether the row cannot leave the session it is in, because that session is parked. */
  boolean isHeldByParked(TargetTable table, Written row) throws SQLException {
    List<String> parked = diversion.sessions(connection).map(table.writer()::sessionText).toList();
    if (parked.isEmpty()) {
      return false;
    }
    Optional<String> holder = rows().holder(table, row);
    return holder.isPresent() && parked.contains(holder.get());
  }
}
