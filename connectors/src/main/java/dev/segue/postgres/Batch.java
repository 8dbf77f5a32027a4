package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.layout.Written;
import dev.segue.spi.OffsetChange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes of one transaction folded to the last state of each row in each session. A row that moves
 * is deleted from the one and written to the other, in this order; it is never written twice.
 */
final class Batch {
  private final Map<Kind, Map<Place, Row>> rows = new EnumMap<>(Kind.class);
  private final Map<Kind, Map<List<String>, String>> written = new EnumMap<>(Kind.class);
  private final Map<Kind, Map<String, Map<List<String>, Written>>> retained =
      new EnumMap<>(Kind.class);

  /** Where a row is, or was. */
  private record Place(List<String> key, String session) {}

  /**
   * The last state of one row, and which changes made it.
   *
   * @param first the first change of the row in this batch
   * @param last the last one
   */
  record Row(
      String session, Written written, boolean deleted, OffsetChange first, OffsetChange last) {}

  /** All that a session may keep of what it has in the target. */
  record Retained(String session, List<Written> rows) {}

  /** The rows that one statement writes: all have values for the same columns. */
  record Group(Signature signature, List<Row> rows) {
    List<Written> written() {
      return rows.stream().map(Row::written).toList();
    }
  }

  /**
   * Which columns a statement writes, which of them it lays over what is there, and which it writes
   * only into new rows.
   */
  record Signature(BitSet columns, BitSet partial, BitSet insertOnly, boolean whole) {}

  /**
   * Takes a change in.
   *
   * @return false if its row is being written to another session, so that it must go into a later
   *     batch
   */
  boolean add(TargetTable table, OffsetChange change, Written written, boolean deleted) {
    Kind kind = table.writer().kind();
    Map<Place, Row> ofKind = rows.computeIfAbsent(kind, unused -> new LinkedHashMap<>());
    Map<List<String>, String> holders =
        this.written.computeIfAbsent(kind, unused -> new HashMap<>());
    String session = change.change().sessionId();
    Place place = new Place(table.keyOf(written), session);
    if (deleted) {
      holders.remove(place.key, session);
    } else if (!holders.computeIfAbsent(place.key, unused -> session).equals(session)) {
      return false;
    }
    Row earlier = ofKind.get(place);
    Written merged = written;
    if (earlier != null && !earlier.deleted && !deleted && !written.tellsAll()) {
      merged = written.over(earlier.written);
    }
    OffsetChange first = earlier == null ? change : earlier.first;
    ofKind.put(place, new Row(session, merged, deleted, first, change));
    Map<List<String>, Written> stays = retained.getOrDefault(kind, Map.of()).get(session);
    if (stays != null && !deleted && !stays.containsKey(table.messageKey(place.key))) {
      stays.put(place.key, written);
    }
    return true;
  }

  /** Forgets what was to become of a row of a session; returns whether that was to be anything. */
  boolean forget(TargetTable table, String session, Written identity) {
    Kind kind = table.writer().kind();
    Place place = new Place(table.keyOf(identity), session);
    written.getOrDefault(kind, Map.of()).remove(place.key, session);
    return rows.getOrDefault(kind, Map.of()).remove(place) != null;
  }

  /**
   * Leaves a session these rows of a table, with the items of these messages, and no others; what
   * comes later stays too.
   */
  void retain(TargetTable table, String session, List<Written> some) {
    Kind kind = table.writer().kind();
    Map<List<String>, Written> stays = new LinkedHashMap<>();
    some.forEach(row -> stays.put(table.keyOf(row), row));
    rows.getOrDefault(kind, Map.of())
        .values()
        .removeIf(
            row -> row.session.equals(session) && !stays(table, stays, table.keyOf(row.written)));
    written
        .getOrDefault(kind, Map.of())
        .entrySet()
        .removeIf(
            holder -> holder.getValue().equals(session) && !stays(table, stays, holder.getKey()));
    retained.computeIfAbsent(kind, unused -> new LinkedHashMap<>()).put(session, stays);
  }

  private static boolean stays(
      TargetTable table, Map<List<String>, Written> stays, List<String> key) {
    return stays.containsKey(key) || stays.containsKey(table.messageKey(key));
  }

  /** What sessions keep of a table. */
  List<Retained> retained(Kind kind) {
    return retained.getOrDefault(kind, Map.of()).entrySet().stream()
        .map(e -> new Retained(e.getKey(), List.copyOf(e.getValue().values())))
        .toList();
  }

  /** The rows of a table to be deleted. */
  List<Written> deletes(Kind kind) {
    List<Written> deletes = new ArrayList<>();
    for (Row row : rows.getOrDefault(kind, Map.of()).values()) {
      if (row.deleted) {
        deletes.add(row.written);
      }
    }
    return deletes;
  }

  /** The rows of a table to be written, a group for each statement. */
  List<Group> upserts(TargetTable table) {
    Map<Signature, List<Row>> groups = new HashMap<>();
    for (Row row : rows.getOrDefault(table.writer().kind(), Map.of()).values()) {
      if (!row.deleted) {
        groups.computeIfAbsent(signature(table, row.written), unused -> new ArrayList<>()).add(row);
      }
    }
    return groups.entrySet().stream().map(e -> new Group(e.getKey(), e.getValue())).toList();
  }

  static Signature signature(TargetTable table, Written row) {
    BitSet present = table.present(row);
    BitSet insertOnly = (BitSet) row.insertOnly().clone();
    insertOnly.and(present);
    return new Signature(present, row.partial(), insertOnly, row.isWhole());
  }
}
