package dev.segue.layout;

import dev.segue.canonical.JsonText;
import dev.segue.relational.Row;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A row to be written.
 *
 * @param values neutral texts in the order of {@link RowWriter#columns}; {@link Row#ABSENT} where
 *     the row's present value stays
 * @param partial which values are JSON objects to be laid over the row's present value
 * @param insertOnly which values count only if the row is new; a null then says nothing at all
 */
public record Written(String[] values, BitSet partial, BitSet insertOnly) {
  /** A row all of whose values count. */
  public Written(String[] values, BitSet partial) {
    this(values, partial, new BitSet());
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

  /** This row laid over an earlier one of the same key. */
  public Written over(Written earlier) {
    String[] merged = values.clone();
    BitSet stillPartial = new BitSet();
    BitSet stillInsertOnly = (BitSet) insertOnly.clone();
    for (int i = 0; i < merged.length; i++) {
      if (insertOnly.get(i)) {
        merged[i] = earlier.values[i];
        stillInsertOnly.set(i, earlier.insertOnly.get(i));
      } else if (Row.isAbsent(merged[i])) {
        merged[i] = earlier.values[i];
        stillPartial.set(i, earlier.partial.get(i));
      } else if (partial.get(i)) {
        if (Row.isAbsent(earlier.values[i])) {
          stillPartial.set(i);
        } else {
          merged[i] = overlay(earlier.values[i], merged[i]);
          stillPartial.set(i, earlier.partial.get(i));
        }
      }
    }
    return new Written(merged, stillPartial, stillInsertOnly);
  }

  private static String overlay(String below, String above) {
    Map<String, String> members = below == null ? null : JsonText.members(below);
    Map<String, String> all = members == null ? new LinkedHashMap<>() : members;
    all.putAll(JsonText.members(above));
    return JsonText.object(all);
  }
}
