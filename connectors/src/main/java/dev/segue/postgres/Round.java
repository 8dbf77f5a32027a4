package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.Written;
import dev.segue.passage.Diversion;
import dev.segue.passage.Gate;
import dev.segue.passage.Passage;
import dev.segue.spi.OffsetChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One attempt at a batch, in one transaction: what both ways of writing it share.
 *
 * @param parked the sessions that are parked, by anyone, once they are loaded
 */
record Round(
    Connection connection,
    Map<Kind, TargetTable> tables,
    Gate gate,
    AppliedRows applied,
    ParkedSessions parked) {

  Passage passage() {
    return gate.passage();
  }

  Diversion diversion() {
    return gate.diversion();
  }

  TargetRows rows() {
    return new TargetRows(connection);
  }

  RowOrder order() {
    return new RowOrder(connection);
  }

  /** Where all partitions are, those of other sinks too. */
  Map<Integer, SourcePosition> positions() throws SQLException {
    return applied.positions(connection);
  }

  TargetTable table(CanonicalChange change) {
    return tables.get(Gate.kind(change));
  }

  /** What identifies the rows that stay, and their items with them. */
  static List<Written> stay(TargetTable table, CanonicalChange.Retain change) {
    return change.entities().stream().map(table.writer()::writeIdentity).toList();
  }

  /** The change as rows of the target: several only where a message's items are a row each. */
  static List<Written> rows(TargetTable table, CanonicalChange change) {
    return change instanceof CanonicalChange.Upsert upsert
        ? table.writer().writeItems(upsert.entity())
        : List.of(table.writer().writeIdentity(((CanonicalChange.Delete) change).entity()));
  }

  /** Whether the row cannot leave the session it is in, because that session is parked. */
  boolean isHeldByParked(TargetTable table, Written row) throws SQLException {
    parked.load(connection);
    Set<String> all = new HashSet<>(parked.sessions());
    all.addAll(diversion().parkings().keySet());
    if (all.isEmpty()) {
      return false;
    }
    Optional<String> holder = rows().holder(table, row);
    return holder.isPresent()
        && all.stream().map(table.writer()::sessionText).anyMatch(holder.get()::equals);
  }

  /** Whether the change is done, or all that there is to do for it needs no row. */
  boolean handled(OffsetChange change) {
    return gate.handled(change);
  }
}
