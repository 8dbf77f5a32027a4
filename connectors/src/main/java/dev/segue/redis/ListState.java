package dev.segue.redis;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.ItemIds;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Written;
import dev.segue.spi.SystemFault;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A list of documents and what is entered of its elements. As long as elements are only added and
 * written over, only those are looked at; so adding costs what is added. Else all of them are.
 */
final class ListState implements KeyState {
  /** So many elements are written by one command. */
  static final int TOGETHER = 500;

  /** With more elements gone than this the list is written anew. */
  private static final int SINGLED_OUT = 16;

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
  private long removed;
  private Places.Entries entered = Places.Entries.NONE;
  private final Map<String, Element> elements = new LinkedHashMap<>();
  private final List<Integer> gone = new ArrayList<>();
  private boolean reordered;

  private final ItemRuns runs = new ItemRuns();

  /** An element; its place is the one that it had before the batch, or -1. */
  private static final class Element {
    private final int place;
    private String text;
    private boolean changed;

    Element(int place, String text) {
      this.place = place;
      this.text = text;
    }
  }

  ListState(WantedKey wanted, OwnKeys own) {
    this.wanted = wanted;
    this.places = own.places(wanted.table().table().name(), wanted.session());
  }

  /** The hash with what is entered. */
  byte[] places() {
    return places;
  }

  private boolean oldestLast() {
    return wanted.table().table().rule().oldestLast();
  }

  /** The list's own index of a place. */
  private long index(int place) {
    return oldestLast() ? -(place + 1L) : place;
  }

  @Override
  public void ask(Transactions transactions) {
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

  @Override
  public boolean take(Transactions transactions) {
    if (looked) {
      takeMore(transactions);
      return false;
    }
    looked = true;
    wrong = wanted.wrong(transactions.await(type, "asking for the type of a key"));
    if (!wrong.isEmpty()) {
      return false;
    }
    length = (int) (long) transactions.await(askedLength, READING);
    byte[] count = transactions.await(askedRemoved, READING);
    removed = count == null ? 0 : Long.parseLong(Bytes.text(count));
    long entries = transactions.await(askedEntered, READING) - (count == null ? 0 : 1);
    // What is not entered gets its name before anything moves.
    whole = wanted.all() || entries != length;
    if (!whole && askedPlaces != null) {
      Map<String, Integer> some = new LinkedHashMap<>();
      for (KeyValue<byte[], byte[]> place : transactions.await(askedPlaces, READING)) {
        if (place.hasValue()) {
          some.put(Bytes.text(place.getKey()), Integer.parseInt(Bytes.text(place.getValue())));
        }
      }
      whole =
          some.values().stream().anyMatch(place -> place >= length)
              || wanted.items().stream().anyMatch(items -> items.differ(some.keySet()));
      entered = new Places.Entries(some, removed);
    }
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
        entered = Places.Entries.of(transactions.await(askedEntries, READING));
        removed = length == 0 ? 0 : entered.removed();
        Places names = new Places(prefix(), entered, length);
        for (int place = 0; place < length; place++) {
          elements.put(names.id(place), new Element(place, Content.utf8(all.get(place))));
        }
      } else {
        for (Map.Entry<String, RedisFuture<byte[]>> asked : askedElements.entrySet()) {
          byte[] text = transactions.await(asked.getValue(), READING);
          if (text == null) {
            throw SystemFault.passing("a list was changed while it was read", null);
          }
          elements.put(
              asked.getKey(), new Element(known().get(asked.getKey()), Content.utf8(text)));
        }
      }
    } catch (MalformedRecordException e) {
      wrong = "key " + Bytes.text(wanted.key()) + " holds an element that " + e.getMessage();
    }
  }

  private String prefix() {
    return wanted.table().table().elementPrefix(wanted.session());
  }

  private void check() {
    if (!wrong.isEmpty()) {
      throw new UnmappableRowException(wrong);
    }
  }

  /** Writes an element as it is. */
  void put(String id, String text) {
    check();
    Element there = elements.get(id);
    if (there == null) {
      elements.put(id, new Element(-1, text));
    } else {
      there.changed |= !text.equals(there.text);
      there.text = text;
    }
  }

  @Override
  public void upsert(Written row, boolean mayBeMissing) {
    check();
    String id = wanted.table().id(row, wanted.session());
    Element there = elements.get(id);
    if (there == null && !row.isWhole()) {
      Missing.check(wanted.table(), mayBeMissing);
    } else {
      String below = there == null ? null : there.text;
      put(id, wanted.table().document(row, wanted.session(), below));
    }
  }

  @Override
  public void delete(Written row) {
    check();
    remove(wanted.table().id(row, wanted.session()));
  }

  private void remove(String id) {
    Element element = elements.remove(id);
    if (element != null && element.place >= 0) {
      gone.add(element.place);
    }
  }

  @Override
  public void settle(List<String> ids) {
    String message = ids.get(0);
    for (int place = Math.max(2, ids.size() + 1); ; place++) {
      String further = ItemIds.of(message, place);
      if (!elements.containsKey(further)) {
        break;
      }
      remove(further);
    }
    runs.put(ids);
  }

  /** Has items stand one behind the other, where the first of them stands. */
  private void order() {
    if (runs.isEmpty()) {
      return;
    }
    arrange(runs.arrange(elements.keySet()));
    runs.clear();
    // Without the whole list nothing that is there moves: only what is new has an order.
    reordered |= whole && !isAsItStands();
  }

  private void arrange(Collection<String> ids) {
    Map<String, Element> arranged = new LinkedHashMap<>();
    ids.forEach(id -> arranged.put(id, elements.get(id)));
    elements.clear();
    elements.putAll(arranged);
  }

  /** Whether what is there is in its order, and what is new behind it. */
  private boolean isAsItStands() {
    int last = -1;
    for (Element element : elements.values()) {
      int place = element.place < 0 ? Integer.MAX_VALUE : element.place;
      if (place < last) {
        return false;
      }
      last = place;
    }
    return true;
  }

  @Override
  public void retainMessages(List<Written> rows) {
    check();
    Set<String> kept = new LinkedHashSet<>();
    for (String id : wanted.table().ids(rows, wanted.session())) {
      kept.add(id);
      for (int place = 2;
          wanted.table().splits() && elements.containsKey(ItemIds.of(id, place));
          place++) {
        kept.add(ItemIds.of(id, place));
      }
    }
    retainIds(new ArrayList<>(kept));
  }

  @Override
  public void retain(List<Written> rows) {
    check();
    retainIds(new ArrayList<>(wanted.table().ids(rows, wanted.session())));
  }

  private void retainIds(List<String> kept) {
    order();
    Set<String> stays = new HashSet<>(kept);
    List.copyOf(elements.keySet()).stream().filter(id -> !stays.contains(id)).forEach(this::remove);
    kept.retainAll(elements.keySet());
    if (!kept.equals(List.copyOf(elements.keySet()))) {
      arrange(kept);
      reordered = true;
    }
  }

  @Override
  public void commands(Consumer<Transactions.Command> consumer) {
    if (!wrong.isEmpty()) {
      return;
    }
    order();
    if (whole && elements.isEmpty()) {
      if (length > 0 || !entered.places().isEmpty()) {
        consumer.accept(commands -> commands.del(wanted.key(), places));
      }
    } else if (reordered || gone.size() > SINGLED_OUT) {
      consumer.accept(commands -> commands.del(wanted.key(), places));
      push(consumer, elements.values().stream().map(element -> element.text).toList());
      enter(consumer, Map.of());
    } else {
      change(consumer);
    }
  }

  private void change(Consumer<Transactions.Command> consumer) {
    for (Element element : elements.values()) {
      if (element.place >= 0 && element.changed) {
        byte[] text = Bytes.of(element.text);
        consumer.accept(commands -> commands.lset(wanted.key(), index(element.place), text));
      }
    }
    if (!gone.isEmpty()) {
      byte[] mark = Bytes.of("segue " + UUID.randomUUID());
      gone.forEach(
          place -> consumer.accept(commands -> commands.lset(wanted.key(), index(place), mark)));
      consumer.accept(commands -> commands.lrem(wanted.key(), 0, mark));
    }
    push(
        consumer,
        elements.values().stream()
            .filter(element -> element.place < 0)
            .map(element -> element.text)
            .toList());
    if (length == 0 && !elements.isEmpty() && !entered.places().isEmpty()) {
      // Of a list that was there before; nobody has its elements any more.
      consumer.accept(commands -> commands.del(places));
      enter(consumer, Map.of());
    } else {
      enter(consumer, entered.places());
    }
  }

  private void push(Consumer<Transactions.Command> consumer, List<String> texts) {
    for (int from = 0; from < texts.size(); from += TOGETHER) {
      byte[][] some =
          texts.subList(from, Math.min(texts.size(), from + TOGETHER)).stream()
              .map(Bytes::of)
              .toArray(byte[][]::new);
      consumer.accept(
          commands ->
              oldestLast()
                  ? commands.lpush(wanted.key(), some)
                  : commands.rpush(wanted.key(), some));
    }
  }

  /** Writes down what elements are called, as far as it is not. */
  private void enter(Consumer<Transactions.Command> consumer, Map<String, Integer> there) {
    Map<String, Integer> now = new HashMap<>();
    int next = whole ? 0 : length;
    for (Map.Entry<String, Element> element : elements.entrySet()) {
      boolean counted = whole || element.getValue().place < 0;
      now.put(element.getKey(), counted ? next++ : element.getValue().place);
    }
    Map<String, String> changed = new LinkedHashMap<>();
    now.forEach(
        (id, place) -> {
          if (!place.equals(there.get(id))) {
            changed.put(id, Integer.toString(place));
          }
        });
    long sum = removed + gone.size();
    if (sum > 0 && (!gone.isEmpty() || there.isEmpty()) && !now.isEmpty()) {
      consumer.accept(commands -> commands.hset(places, Places.removedField(), Bytes.of(sum)));
    }
    byte[][] old =
        there.keySet().stream()
            .filter(id -> !now.containsKey(id))
            .map(Bytes::of)
            .toArray(byte[][]::new);
    if (old.length > 0) {
      consumer.accept(commands -> commands.hdel(places, old));
    }
    for (Map<byte[], byte[]> part : Fields.parts(changed)) {
      consumer.accept(commands -> commands.hset(places, part));
    }
  }
}
