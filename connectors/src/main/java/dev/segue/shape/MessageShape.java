package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The JSON that a system keeps of a message. */
interface MessageShape {
  /** What a layout calls it. */
  String name();

  /** The fields that it tells and holds. */
  Set<Field> fields();

  /**
   * Sets all of {@link #fields}.
   *
   * @param members of the message, each as it is spelt
   * @throws MalformedRecordException if one of them is no text where a text is meant
   */
  void read(Map<String, String> members, Entity.Builder message);

  /**
   * The message as the system would write it.
   *
   * @throws MalformedRecordException if the system has no way to say it; the message says why
   */
  String write(Entity message);

  /**
   * Whether the system keeps each text and each call by itself, so that a message may be several.
   */
  default boolean splits() {
    return false;
  }

  /**
   * The messages that the system keeps this one as, in their order; the one alone if it can be kept
   * as it is.
   */
  default List<Entity> items(Entity message) {
    return List.of(message);
  }

  /** Fields of a message, by name. */
  static Set<Field> fields(String... names) {
    Set<Field> fields = new LinkedHashSet<>();
    for (String name : names) {
      fields.add(Kind.MESSAGE.field(name).orElseThrow());
    }
    return fields;
  }
}
