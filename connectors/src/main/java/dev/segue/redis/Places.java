package dev.segue.redis;

import dev.segue.canonical.MalformedRecordException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the elements of a list are called, by their places, counted from the oldest. Elements have
 * no ids of their own; an element that was brought here keeps the id that it had, which is entered
 * in a hash beside the list. One that is not entered is called by its place, beyond as many as were
 * ever removed, so that no id is given twice.
 */
final class Places {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  /** The field of the hash that says how many were removed; no text has this byte. */
  private static final byte[] REMOVED = {(byte) 0xFF};

  private final String prefix;
  private final Entries entries;
  private final List<String> ids;
  private final Map<String, Integer> places = new HashMap<>();
  private long behind;

  /**
   * What is entered of a list.
   *
   * @param places of ids
   * @param removed how many elements were ever taken from the middle or the end
   */
  record Entries(Map<String, Integer> places, long removed) {
    static final Entries NONE = new Entries(Map.of(), 0);

    Entries {
      places = Map.copyOf(places);
    }

    /** Reads the hash. */
    static Entries of(Map<byte[], byte[]> fields) {
      Map<String, Integer> places = new HashMap<>();
      long removed = 0;
      for (Map.Entry<byte[], byte[]> field : fields.entrySet()) {
        if (Arrays.equals(field.getKey(), REMOVED)) {
          removed = number(field.getValue());
        } else {
          places.put(Content.utf8(field.getKey()), (int) number(field.getValue()));
        }
      }
      return new Entries(places, removed);
    }

    private static long number(byte[] value) {
      try {
        return Long.parseLong(Bytes.text(value));
      } catch (NumberFormatException e) {
        throw new MalformedRecordException("a place that we entered is no number", e);
      }
    }
  }

  /**
   * Names all elements of a list.
   *
   * @param prefix what stands before the number of an element that is not entered
   * @param length how many elements there are; what is entered beyond is not there any more
   */
  Places(String prefix, Entries entries, int length) {
    this.prefix = prefix;
    this.entries = entries;
    String[] names = new String[length];
    // Of two that are entered for one place the same one counts each time.
    entries.places().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(entry -> entry.getValue() >= 0 && entry.getValue() < length)
        .forEach(entry -> names[entry.getValue()] = entry.getKey());
    Set<String> taken = new HashSet<>(Arrays.asList(names));
    long next = 0;
    for (int place = 0; place < length; place++) {
      if (names[place] == null) {
        next = Math.max(next, place + entries.removed());
        while (taken.contains(prefix + next)) {
          next++;
        }
        names[place] = prefix + next;
        next++;
      }
    }
    behind = Math.max(next, length + entries.removed());
    ids = new ArrayList<>(Arrays.asList(names));
    for (int place = 0; place < length; place++) {
      places.put(ids.get(place), place);
    }
  }

  /** The field of the hash that is no id. */
  static byte[] removedField() {
    return REMOVED.clone();
  }

  /** What the element at a place is called. */
  String id(int place) {
    return ids.get(place);
  }

  /** Where the element of that id is; empty if there is none. */
  OptionalInt place(String id) {
    Integer place = places.get(id);
    return place == null ? OptionalInt.empty() : OptionalInt.of(place);
  }

  /**
   * The number that the next element will be called by, the one behind it by the next one, and so
   * on; empty if only reading the list then can tell.
   */
  OptionalLong next() {
    boolean entered =
        entries.places().entrySet().stream()
            .anyMatch(entry -> entry.getValue() >= ids.size() || isAhead(entry.getKey()));
    return entered ? OptionalLong.empty() : OptionalLong.of(behind);
  }

  private boolean isAhead(String id) {
    if (!id.startsWith(prefix) || !NUMBER.matcher(id.substring(prefix.length())).matches()) {
      return false;
    }
    return Long.parseLong(id.substring(prefix.length())) >= behind;
  }

  /** All ids, the oldest element's first. */
  List<String> ids() {
    return List.copyOf(ids);
  }
}
