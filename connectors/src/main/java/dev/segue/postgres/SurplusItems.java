package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.layout.Written;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The rows that messages had which are fewer items now, or none. Items are numbered without a gap,
 * so whoever deletes one after the other is done where nothing is left to delete.
 */
final class SurplusItems {
  private final TargetTable table;
  private final Map<Place, Surplus> surplus = new LinkedHashMap<>();

  /** A message in a session; what is surplus in one may be wanted in another. */
  private record Place(List<String> key, String session) {}

  /**
   * What a message has no more.
   *
   * @param first the place of the first such item
   * @param width so many are asked for at a time
   */
  private record Surplus(Entity message, int first, int width) {}

  /**
   * Of a message that is gone so many items are looked for at a time: where it was moved to another
   * session as fewer, those in between may have gone already.
   */
  private static final int OF_GONE = 8;

  SurplusItems(TargetTable table) {
    this.table = table;
  }

  /**
   * Takes in what a change leaves of a message.
   *
   * @param rows how many rows it is written as
   * @param forget takes an item that is no more off what is still to be written; says whether it
   *     was there
   */
  void add(CanonicalChange change, int rows, Predicate<Written> forget) {
    boolean deleted = change instanceof CanonicalChange.Delete;
    Entity message =
        deleted
            ? ((CanonicalChange.Delete) change).entity()
            : ((CanonicalChange.Upsert) change).entity();
    if (!table.writer().splitsMessages() || (!deleted && !table.writer().tellsItems(message))) {
      return;
    }
    int first = deleted ? 2 : rows + 1;
    List<String> key = table.keyOf(table.writer().writeIdentity(message));
    surplus.put(
        new Place(key, message.sessionId()), new Surplus(message, first, deleted ? OF_GONE : 1));
    int place = first;
    while (forget.test(item(message, place))) {
      place++;
    }
  }

  private Written item(Entity message, int place) {
    return table.writer().writeIdentity(table.writer().item(message, place));
  }

  /** Deletes what is in the table of all that was taken in. */
  void delete(TargetRows target) throws SQLException {
    for (int round = 0; !surplus.isEmpty(); round++) {
      List<Written> rows = new ArrayList<>();
      for (Surplus some : surplus.values()) {
        int first = some.first + round * some.width;
        for (int place = first; place < first + some.width; place++) {
          rows.add(item(some.message, place));
        }
      }
      if (target.delete(table, rows) == 0) {
        return;
      }
    }
  }
}
