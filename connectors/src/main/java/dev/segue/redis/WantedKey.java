package dev.segue.redis;

import dev.segue.layout.ItemIds;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a batch is about to do to a key, so that what has to be known of it is read. */
final class WantedKey {
  private final WritableTable table;
  private final String session;
  private final byte[] key;
  private final Set<String> ids = new LinkedHashSet<>();
  private final List<Items> items = new ArrayList<>();
  private boolean all;

  WantedKey(WritableTable table, String session, byte[] key) {
    this.table = table;
    this.session = session;
    this.key = key;
  }

  WritableTable table() {
    return table;
  }

  /** As the key spells it. */
  String session() {
    return session;
  }

  byte[] key() {
    return key;
  }

  /** Elements that are written. */
  Set<String> ids() {
    return ids;
  }

  /** Messages that are written as items. */
  List<Items> items() {
    return items;
  }

  /**
   * One message that is written as items.
   *
   * @param ids of its items, in their order; the first is the message's
   */
  record Items(List<String> ids) {
    Items {
      ids = List.copyOf(ids);
    }

    /** What the item behind the last would be called. */
    String further() {
      return ItemIds.of(ids.get(0), ids.size() + 1);
    }

    /**
     * Whether the message was written as others than these, of which some are known to be there.
     */
    boolean differ(Set<String> there) {
      boolean any = ids.stream().anyMatch(there::contains);
      return there.contains(further()) || (any && !there.containsAll(ids));
    }
  }

  /** Whether all elements have to be known. */
  boolean all() {
    return all;
  }

  /** Something is taken away, or put into another order. */
  void needAll() {
    all = true;
  }

  /** Why the key cannot take what it should; empty if its type is right. */
  String wrong(String type) {
    String expected =
        switch (table.type()) {
          case HASH, MAP -> "hash";
          case LIST -> "list";
          case STRING, KEY -> "string";
        };
    return type.equals("none") || type.equals(expected)
        ? ""
        : "key "
            + Bytes.text(key)
            + " is a "
            + type
            + ", by its layout it is a "
            + expected
            + "; delete or rename it, then: segue dead-letters retry";
  }
}
