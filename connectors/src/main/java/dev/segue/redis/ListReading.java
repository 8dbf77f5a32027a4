package dev.segue.redis;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.SystemFault;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of a list before a batch: as long as elements are only added and written over, only
 * those, else all of them.
 */
final class ListReading {
  private static final String READING = "reading a list";

  private final WantedKey wanted;
  private final byte[] places;
  private RedisFuture<String> type;
  private RedisFuture<Long> askedLength;
  private RedisFuture<Long> askedEntered;
  private RedisFuture<byte[]> askedRemoved;
  private RedisFuture<List<KeyValue<byte[], byte[]>>> askedPlaces;
  private final Map<String, RedisFuture<byte[]>> askedElements = new LinkedHashMap<>();
  private RedisFuture<Map<byte[], byte[]>> askedEntries;
  private RedisFuture<List<byte[]>> askedAll;

  private String wrong = "";
  private boolean whole;
  private boolean looked;
  private int length;
  private Places.Entries entered = Places.Entries.NONE;
  private final Map<String, ListElement> elements = new LinkedHashMap<>();

  ListReading(WantedKey wanted, OwnKeys own) {
    this.wanted = wanted;
    this.places = own.places(wanted.table().table().name(), wanted.session());
  }

  /** The list's key. */
  byte[] key() {
    return wanted.key();
  }

  /** The hash with what is entered. */
  byte[] places() {
    return places;
  }

  boolean oldestLast() {
    return wanted.table().table().rule().oldestLast();
  }

  /** The list's own index of a place. */
  long index(int place) {
    return oldestLast() ? -(place + 1L) : place;
  }

  /** Whether all elements were read. */
  boolean isWhole() {
    return whole;
  }

  /** How many elements the list has. */
  int length() {
    return length;
  }

  /** What is entered of the elements that were read. */
  Places.Entries entered() {
    return entered;
  }

  /** The elements that were read, by id, the oldest first where all were. */
  Map<String, ListElement> elements() {
    return elements;
  }

  /** Whether the key is of another type, or holds what is no text. */
  boolean isWrong() {
    return !wrong.isEmpty();
  }

  /**
   * Refuses to go on with a list that is wrong.
   *
   * @throws UnmappableRowException telling what is
   */
  void check() {
    if (isWrong()) {
      throw new UnmappableRowException(wrong);
    }
  }

  /** Asks for what has to be known, and then for what follows from that. */
  void ask(Transactions transactions) {
    if (looked) {
      askMore(transactions);
      return;
    }
    var commands = transactions.commands();
    type = commands.type(wanted.key());
    askedLength = commands.llen(wanted.key());
    askedEntered = commands.hlen(places);
    askedRemoved = commands.hget(places, Places.removedField());
    if (!wanted.ids().isEmpty() && !wanted.all()) {
      Set<String> ids = new LinkedHashSet<>(wanted.ids());
      wanted.items().forEach(items -> ids.add(items.further()));
      askedPlaces = commands.hmget(places, ids.stream().map(Bytes::of).toArray(byte[][]::new));
    }
  }

  private void askMore(Transactions transactions) {
    var commands = transactions.commands();
    if (whole) {
      askedEntries = commands.hgetall(places);
      askedAll = commands.lrange(wanted.key(), 0, -1);
    } else {
      known()
          .forEach(
              (id, place) -> askedElements.put(id, commands.lindex(wanted.key(), index(place))));
    }
  }

  private Map<String, Integer> known() {
    return entered.places();
  }

  /** Takes the answers; true if it has to ask once more. */
  boolean take(Transactions transactions) {
    if (looked) {
      takeMore(transactions);
      return false;
    }
    looked = true;
    wrong = wanted.wrong(transactions.await(type, "asking for the type of a key"));
    if (isWrong()) {
      return false;
    }
    length = (int) (long) transactions.await(askedLength, READING);
    byte[] count = transactions.await(askedRemoved, READING);
    long removed = count == null ? 0 : Long.parseLong(Bytes.text(count));
    long entries = transactions.await(askedEntered, READING) - (count == null ? 0 : 1);
    // What is not entered gets its name before anything moves.
    whole = wanted.all() || entries != length;
    Map<String, Integer> some = new LinkedHashMap<>();
    if (!whole && askedPlaces != null) {
      for (KeyValue<byte[], byte[]> place : transactions.await(askedPlaces, READING)) {
        if (place.hasValue()) {
          some.put(Bytes.text(place.getKey()), Integer.parseInt(Bytes.text(place.getValue())));
        }
      }
      whole =
          some.values().stream().anyMatch(place -> place >= length)
              || wanted.items().stream().anyMatch(items -> items.differ(some.keySet()));
    }
    entered = new Places.Entries(some, removed);
    return whole || !known().isEmpty();
  }

  private void takeMore(Transactions transactions) {
    try {
      if (whole) {
        List<byte[]> all = new ArrayList<>(transactions.await(askedAll, READING));
        if (oldestLast()) {
          Collections.reverse(all);
        }
        length = all.size();
        Places.Entries entries = Places.Entries.of(transactions.await(askedEntries, READING));
        entered = new Places.Entries(entries.places(), length == 0 ? 0 : entries.removed());
        Places names = new Places(prefix(), entered, length);
        for (int place = 0; place < length; place++) {
          elements.put(names.id(place), ListElement.at(place, Content.utf8(all.get(place))));
        }
      } else {
        for (Map.Entry<String, RedisFuture<byte[]>> asked : askedElements.entrySet()) {
          byte[] text = transactions.await(asked.getValue(), READING);
          if (text == null) {
            throw SystemFault.passing("a list was changed while it was read", null);
          }
          elements.put(
              asked.getKey(), ListElement.at(known().get(asked.getKey()), Content.utf8(text)));
        }
      }
    } catch (MalformedRecordException e) {
      wrong = "key " + Bytes.text(wanted.key()) + " holds an element that " + e.getMessage();
    }
  }

  private String prefix() {
    return wanted.table().table().elementPrefix(wanted.session());
  }
}
