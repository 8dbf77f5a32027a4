package dev.segue.redis;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.canonical.TranscriptOrder;
import dev.segue.layout.ItemIds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the place of an element in its list follows from, as {@link TranscriptOrder} takes it: its
 * number, its time and its id, whatever kind it is of.
 *
 * @param number decimal; null if it has none
 * @param time RFC 3339; null if it has none
 */
record ElementOrder(String id, String number, String time) {
  ElementOrder {
    Objects.requireNonNull(id, "id");
  }

  static ElementOrder of(Entity entity) {
    List<Field> identity = entity.kind().identity();
    String id = entity.text(identity.get(identity.size() - 1));
    return new ElementOrder(
        id == null ? "" : id,
        first(entity, "seq", "step"),
        first(entity, "timestamp", "created_at", "started_at"));
  }

  private static String first(Entity entity, String... names) {
    return Stream.of(names)
        .map(name -> entity.kind().field(name))
        .flatMap(Optional::stream)
        .map(entity::text)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private Entity asMessage() {
    return Entity.of(Kind.MESSAGE)
        .set("message_id", ItemIds.messageOf(id))
        .set("seq", number)
        .set("timestamp", time)
        .build();
  }

  /** Something that has an order. */
  interface Ordered {
    ElementOrder order();
  }

  /** Elements, the oldest first; items of one message in their own order. */
  static <T extends Ordered> List<T> sort(List<T> elements) {
    IdentityHashMap<Entity, T> byMessage = new IdentityHashMap<>();
    List<Entity> messages = new ArrayList<>();
    List<T> byPlace = new ArrayList<>(elements);
    byPlace.sort(Comparator.comparingInt(element -> ItemIds.placeOf(element.order().id())));
    for (T element : byPlace) {
      Entity message = element.order().asMessage();
      byMessage.put(message, element);
      messages.add(message);
    }
    return TranscriptOrder.of(messages).stream().map(byMessage::get).toList();
  }

  /** Entities of one kind, the oldest first. */
  static List<Entity> sortEntities(List<Entity> entities) {
    return sort(entities.stream().map(Whole::new).toList()).stream().map(Whole::entity).toList();
  }

  private record Whole(Entity entity) implements Ordered {
    @Override
    public ElementOrder order() {
      return of(entity);
    }
  }
}
