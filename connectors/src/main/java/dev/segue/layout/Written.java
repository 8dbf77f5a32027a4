package dev.segue.layout;

import dev.segue.canonical.JsonText;
import dev.segue.relational.Row;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A row to be written.
 *
 * @param values neutral texts in the order of {@link RowWriter#columns}; {@link Row#ABSENT} where
 *     the row's present value stays
 * @param partial which values are JSON objects to be laid over the row's present value
 * @param insertOnly which values count only if the row is new; a null then says nothing at all
 * @param untold of JSON documents, by column, what they keep if the row is there
 */
public record Written(
    String[] values, BitSet partial, BitSet insertOnly, Map<Integer, Untold> untold) {
  public Written {
    untold = Map.copyOf(untold);
  }

  /** A row all of whose values count. */
  public Written(String[] values, BitSet partial) {
    this(values, partial, new BitSet(), Map.of());
  }

  /** Whether all values count, be the row new or there. */
  public boolean tellsAll() {
    return isWhole() && insertOnly.isEmpty() && untold.isEmpty();
  }

  /**
   * The row with its documents laid over those that are there.
   *
   * @param there by column; may have nulls
   */
  public Written over(Map<Integer, String> there) {
    String[] laid = values.clone();
    untold.forEach((column, left) -> laid[column] = left.over(laid[column], there.get(column)));
    return new Written(laid, partial, insertOnly, Map.of());
  }

  /** Whether all columns are known, so that the row may be inserted. */
  public boolean isWhole() {
    if (!partial.isEmpty()) {
      return false;
    }
    for (String value : values) {
      if (Row.isAbsent(value)) {
        return false;
      }
    }
    return true;
  }

  /**
   * This row laid over an earlier one of the same key.
   *
   * @throws UnmappableRowException if the earlier one tells too little for that
   */
  public Written over(Written earlier) {
    String[] merged = values.clone();
    BitSet stillPartial = new BitSet();
    BitSet stillInsertOnly = (BitSet) insertOnly.clone();
    Map<Integer, Untold> stillUntold = new HashMap<>(earlier.untold);
    for (int i = 0; i < merged.length; i++) {
      if (insertOnly.get(i)) {
        merged[i] = earlier.values[i];
        stillInsertOnly.set(i, earlier.insertOnly.get(i));
      } else if (Row.isAbsent(merged[i])) {
        merged[i] = earlier.values[i];
        stillPartial.set(i, earlier.partial.get(i));
      } else if (untold.containsKey(i)) {
        merge(i, earlier, merged, stillUntold);
      } else if (partial.get(i)) {
        if (Row.isAbsent(earlier.values[i])) {
          stillPartial.set(i);
        } else {
          merged[i] = overlay(earlier.values[i], merged[i]);
          stillPartial.set(i, earlier.partial.get(i));
        }
      } else {
        stillUntold.remove(i);
      }
    }
    return new Written(merged, stillPartial, stillInsertOnly, stillUntold);
  }

  private void merge(int column, Written earlier, String[] merged, Map<Integer, Untold> still) {
    if (partial.get(column) || earlier.partial.get(column)) {
      throw UnmappableRowException.needsWholeRow("a document");
    }
    Untold left = untold.get(column);
    if (Row.isAbsent(earlier.values[column]) || earlier.insertOnly.get(column)) {
      still.put(column, left);
      return;
    }
    merged[column] = left.over(merged[column], earlier.values[column]);
    still.computeIfPresent(column, (unused, others) -> left.and(others));
  }

  private static String overlay(String below, String above) {
    Map<String, String> members = below == null ? null : JsonText.members(below);
    Map<String, String> all = members == null ? new LinkedHashMap<>() : members;
    all.putAll(JsonText.members(above));
    return JsonText.object(all);
  }
}
