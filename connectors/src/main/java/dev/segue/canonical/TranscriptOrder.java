package dev.segue.canonical;

import java.util.Comparator;
import java.util.List;

/**
 * The order of a conversation's messages: by their numbers where all have one, else by time, and
 * among equal times by id, as numbers where the ids are such.
 */
public final class TranscriptOrder {
  private static final Comparator<Entity> BY_ID =
      Comparator.comparing((Entity e) -> id(e).length() * (isNumber(id(e)) ? 1 : 0))
          .thenComparing(TranscriptOrder::id);

  private TranscriptOrder() {}

  /** The messages in their order. */
  public static List<Entity> of(List<Entity> messages) {
    boolean numbered = messages.stream().allMatch(message -> message.text("seq") != null);
    Comparator<Entity> first =
        numbered
            ? Comparator.comparingLong(message -> Long.parseLong(message.text("seq")))
            : Comparator.comparing(
                message -> message.text("timestamp"),
                Comparator.nullsLast(Comparator.naturalOrder()));
    return messages.stream().sorted(first.thenComparing(BY_ID)).toList();
  }

  private static String id(Entity message) {
    String id = message.text("message_id");
    return id == null ? "" : id;
  }

  private static boolean isNumber(String id) {
    return !id.isEmpty() && id.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
