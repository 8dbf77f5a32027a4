package dev.segue.passage;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import dev.segue.spi.OffsetChange;
import java.util.Set;

/**
 * What every change has to come through before it becomes a row.
 *
 * @param kinds what the target has a place for
 * @param foreign sessions of which nothing may be applied, because they belong to this side
 * @param kept deletions that are passed over, because the target keeps what expires
 */
public record Gate(
    Passage passage,
    Diversion diversion,
    Set<Kind> kinds,
    Set<String> foreign,
    Set<OffsetChange> kept) {

  /** Does what needs no row of the target; true if that is all there is to do for the change. */
  public boolean handled(OffsetChange change) {
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
      return !kinds.contains(kind(what));
    }
    return true;
  }

  /** Whether a table is to be emptied, which all partitions do together. */
  public boolean isTruncate(OffsetChange change) {
    return change.change() instanceof CanonicalChange.Truncate && !passage.isHistory(change);
  }

  /** What a change of rows is about. */
  public static Kind kind(CanonicalChange change) {
    if (change instanceof CanonicalChange.Retain retain) {
      return retain.kind();
    }
    return change instanceof CanonicalChange.Upsert upsert
        ? upsert.entity().kind()
        : ((CanonicalChange.Delete) change).entity().kind();
  }
}
