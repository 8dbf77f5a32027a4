package dev.segue.verify;

import dev.segue.canonical.Kind;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One session's rows as of one moment. */
final class SessionRows {
  private final Map<Place, HeldRow> rows = new LinkedHashMap<>();
  private final Set<String> unmappable = new HashSet<>();

  /** Rows at a place that another one has, which is not the same: no target can hold both. */
  private final Map<Place, HeldRow> doubled = new LinkedHashMap<>();

  private record Place(String kind, List<String> key) {
    static Place of(HeldRow row) {
      return new Place(row.kind().wireName(), row.key());
    }
  }

  void add(HeldRow row) {
    HeldRow other = rows.putIfAbsent(Place.of(row), row);
    if (other != null && !other.equals(row)) {
      doubled.put(Place.of(row), row);
    }
  }

  void unmappable(String reason) {
    unmappable.add(reason);
  }

  Set<String> unmappable() {
    return unmappable;
  }

  /** Whether it is a session whose time has come. */
  boolean isExpired(Holdings holdings) {
    return rows.values().stream().anyMatch(holdings::isExpired);
  }

  /** Whether there is nothing of it. */
  boolean isGone() {
    return rows.isEmpty() && unmappable.isEmpty();
  }

  /** Where the target's rows are not these. */
  List<Difference> differencesOf(SessionRows target, Holdings holdings, boolean showValues) {
    List<Difference> differences = new ArrayList<>();
    rows.forEach(
        (place, expected) -> {
          HeldRow found = target.rows.get(place);
          if (found == null && isOnlyBesideNothing(expected, holdings)) {
            // It cannot be there.
            return;
          }
          if (found == null) {
            differences.add(Difference.missing(expected));
          } else if (!found.equals(expected)) {
            Difference.between(expected, found, holdings, showValues).ifPresent(differences::add);
          }
        });
    doubled.forEach(
        (place, row) ->
            Difference.twice(rows.get(place), row, holdings, showValues)
                .ifPresent(differences::add));
    target.rows.forEach(
        (place, found) -> {
          boolean besides = isBesideSomething(found, holdings);
          if (!rows.containsKey(place) && !besides) {
            differences.add(Difference.extraneous(found));
          }
        });
    return differences;
  }

  /** Whether a row is there only beside rows of a kind of which there are none. */
  private boolean isOnlyBesideNothing(HeldRow row, Holdings holdings) {
    return holdings.onlyBeside(row).filter(kind -> !has(kind)).isPresent();
  }

  /** Whether a row has to be there because there are rows of another kind. */
  private boolean isBesideSomething(HeldRow row, Holdings holdings) {
    return holdings.onlyBeside(row).filter(this::has).isPresent();
  }

  private boolean has(Kind kind) {
    return rows.values().stream().anyMatch(row -> row.kind() == kind);
  }

  /** Of all rows, whatever their order. */
  String digest() {
    DigestSum sum = new DigestSum();
    rows.values().forEach(row -> sum.add(RowDigest.of(row)));
    doubled.values().forEach(row -> sum.add(RowDigest.of(row)));
    return sum.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SessionRows that
        && rows.equals(that.rows)
        && doubled.equals(that.doubled)
        && unmappable.equals(that.unmappable);
  }

  @Override
  public int hashCode() {
    return rows.hashCode();
  }
}
