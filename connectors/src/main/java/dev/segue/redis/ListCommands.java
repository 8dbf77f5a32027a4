package dev.segue.redis;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/** The commands that bring a list from what was read of it to what it should hold. */
final class ListCommands {
  /** With more elements gone than this the list is written anew. */
  private static final int SINGLED_OUT = 16;

  private final ListReading before;
  private final Map<String, ListElement> elements;
  private final List<Integer> gone;
  private final boolean reordered;

  /**
   * For a list.
   *
   * @param elements what stays and what is new, by id, in their order
   * @param gone the places of those that do not stay
   * @param reordered whether those that stay have changed places
   */
  ListCommands(
      ListReading before,
      Map<String, ListElement> elements,
      List<Integer> gone,
      boolean reordered) {
    this.before = before;
    this.elements = elements;
    this.gone = gone;
    this.reordered = reordered;
  }

  void give(Consumer<Transactions.Command> consumer) {
    if (before.isWhole() && elements.isEmpty()) {
      if (before.length() > 0 || !before.entered().places().isEmpty()) {
        consumer.accept(commands -> commands.del(before.key(), before.places()));
      }
    } else if (reordered || gone.size() > SINGLED_OUT) {
      consumer.accept(commands -> commands.del(before.key(), before.places()));
      push(consumer, elements.values().stream().map(ListElement::text).toList());
      enter(consumer, Map.of());
    } else {
      change(consumer);
    }
  }

  private void change(Consumer<Transactions.Command> consumer) {
    for (ListElement element : elements.values()) {
      if (element.isChanged()) {
        byte[] text = Bytes.of(element.text());
        consumer.accept(
            commands -> commands.lset(before.key(), before.index(element.place()), text));
      }
    }
    if (!gone.isEmpty()) {
      byte[] mark = Bytes.of("segue " + UUID.randomUUID());
      gone.forEach(
          place ->
              consumer.accept(commands -> commands.lset(before.key(), before.index(place), mark)));
      consumer.accept(commands -> commands.lrem(before.key(), 0, mark));
    }
    push(
        consumer,
        elements.values().stream().filter(ListElement::isNew).map(ListElement::text).toList());
    if (before.length() == 0 && !elements.isEmpty() && !before.entered().places().isEmpty()) {
      // Of a list that was there before; nobody has its elements any more.
      consumer.accept(commands -> commands.del(before.places()));
      enter(consumer, Map.of());
    } else {
      enter(consumer, before.entered().places());
    }
  }

  private void push(Consumer<Transactions.Command> consumer, List<String> texts) {
    for (int from = 0; from < texts.size(); from += Transactions.MOST_ARGUMENTS) {
      byte[][] some =
          texts.subList(from, Math.min(texts.size(), from + Transactions.MOST_ARGUMENTS)).stream()
              .map(Bytes::of)
              .toArray(byte[][]::new);
      consumer.accept(
          commands ->
              before.oldestLast()
                  ? commands.lpush(before.key(), some)
                  : commands.rpush(before.key(), some));
    }
  }

  /** Writes down what elements are called, as far as it is not. */
  private void enter(Consumer<Transactions.Command> consumer, Map<String, Integer> there) {
    Map<String, Integer> now = new HashMap<>();
    int next = before.isWhole() ? 0 : before.length();
    for (Map.Entry<String, ListElement> element : elements.entrySet()) {
      boolean counted = before.isWhole() || element.getValue().isNew();
      now.put(element.getKey(), counted ? next++ : element.getValue().place());
    }
    Map<String, String> changed = new LinkedHashMap<>();
    now.forEach(
        (id, place) -> {
          if (!place.equals(there.get(id))) {
            changed.put(id, Integer.toString(place));
          }
        });
    long sum = before.entered().removed() + gone.size();
    if (sum > 0 && (!gone.isEmpty() || there.isEmpty()) && !now.isEmpty()) {
      consumer.accept(
          commands -> commands.hset(before.places(), Places.removedField(), Bytes.of(sum)));
    }
    byte[][] old =
        there.keySet().stream()
            .filter(id -> !now.containsKey(id))
            .map(Bytes::of)
            .toArray(byte[][]::new);
    if (old.length > 0) {
      consumer.accept(commands -> commands.hdel(before.places(), old));
    }
    for (Map<byte[], byte[]> part : Fields.parts(changed)) {
      consumer.accept(commands -> commands.hset(before.places(), part));
    }
  }
}
