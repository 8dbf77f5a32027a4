package dev.segue.redis;

import dev.segue.layout.ItemIds;
import dev.segue.layout.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A list of documents and what is entered of its elements; adding costs what is added. */
final class ListState implements KeyState {
  private final WantedKey wanted;
  private final ListReading reading;
  private final Map<String, ListElement> elements = new LinkedHashMap<>();
  private final List<Integer> gone = new ArrayList<>();
  private final ItemRuns runs = new ItemRuns();
  private boolean reordered;

  ListState(WantedKey wanted, OwnKeys own) {
    this.wanted = wanted;
    this.reading = new ListReading(wanted, own);
  }

  @Override
  public void ask(Transactions transactions) {
    reading.ask(transactions);
  }

  @Override
  public boolean take(Transactions transactions) {
    boolean more = reading.take(transactions);
    if (!more) {
      elements.putAll(reading.elements());
    }
    return more;
  }

  /** Writes an element as it is. */
  void put(String id, String text) {
    reading.check();
    ListElement there = elements.get(id);
    if (there == null) {
      elements.put(id, ListElement.added(text));
    } else {
      there.write(text);
    }
  }

  @Override
  public void upsert(Written row, boolean mayBeMissing) {
    reading.check();
    String id = wanted.table().id(row, wanted.session());
    ListElement there = elements.get(id);
    if (there == null && !row.isWhole()) {
      Missing.check(wanted.table(), mayBeMissing);
    } else {
      String below = there == null ? null : there.text();
      put(id, wanted.table().document(row, wanted.session(), below));
    }
  }

  @Override
  public void delete(Written row) {
    reading.check();
    remove(wanted.table().id(row, wanted.session()));
  }

  private void remove(String id) {
    ListElement element = elements.remove(id);
    if (element != null && !element.isNew()) {
      gone.add(element.place());
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
    reordered |= reading.isWhole() && !isAsItStands();
  }

  private void arrange(Collection<String> ids) {
    Map<String, ListElement> arranged = new LinkedHashMap<>();
    ids.forEach(id -> arranged.put(id, elements.get(id)));
    elements.clear();
    elements.putAll(arranged);
  }

  /** Whether what is there is in its order, and what is new behind it. */
  private boolean isAsItStands() {
    int last = -1;
    for (ListElement element : elements.values()) {
      int place = element.isNew() ? Integer.MAX_VALUE : element.place();
      if (place < last) {
        return false;
      }
      last = place;
    }
    return true;
  }

  @Override
  public void retainMessages(List<Written> rows) {
    reading.check();
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
    reading.check();
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
    if (!reading.isWrong()) {
      order();
      new ListCommands(reading, elements, gone, reordered).give(consumer);
    }
  }
}
