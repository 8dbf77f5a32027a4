package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A system's own JSON of a message to canonical fields and back. What the fields cannot tell is
 * kept beside them as the text that was read; as long as nobody changed the fields, the same text
 * is written again.
 */
public final class MessageCodec {
  private static final List<MessageShape> SHAPES =
      List.of(new OpenAiItem(), new NestedLangChain(), new FlatLangChain());
  private static final Field UNKNOWN = Kind.MESSAGE.field("unknown").orElseThrow();

  private final MessageShape shape;

  private MessageCodec(MessageShape shape) {
    this.shape = shape;
  }

  /** The codec of a shape, if it is known. */
  public static Optional<MessageCodec> of(String shape) {
    return SHAPES.stream()
        .filter(known -> known.name().equals(shape))
        .map(MessageCodec::new)
        .findFirst();
  }

  /** The shapes that are known. */
  public static List<String> names() {
    return SHAPES.stream().map(MessageShape::name).toList();
  }

  /** The shape's name; also the member of {@code unknown} that keeps what was read. */
  public String name() {
    return shape.name();
  }

  /** The fields that the shape tells and holds. */
  public Set<Field> fields() {
    return shape.fields();
  }

  /**
   * Sets the fields that the shape tells.
   *
   * @param json null for a message of which nothing is there
   * @return what has to be kept in {@code unknown}; empty if the fields tell all
   * @throws MalformedRecordException if it is not a JSON object
   */
  public Optional<String> read(String json, Entity.Builder message) {
    if (json == null) {
      fields().forEach(field -> message.set(field, null));
      return Optional.empty();
    }
    shape.read(JsonText.membersOf(json), message);
    return isTold(json, message.build()) ? Optional.empty() : Optional.of(JsonText.quote(json));
  }

  private boolean isTold(String json, Entity message) {
    try {
      return shape.write(message).equals(json);
    } catch (MalformedRecordException e) {
      return false;
    }
  }

  /**
   * Whether the system keeps each text and each call by itself, so that a message may be several.
   */
  public boolean splits() {
    return shape.splits();
  }

  /**
   * The messages that the system keeps this one as, in their order; the one alone if it can be kept
   * as it is. All have the id of the one.
   */
  public List<Entity> items(Entity message) {
    return !shape.splits() || kept(message).filter(json -> saysTheSame(json, message)).isPresent()
        ? List.of(message)
        : shape.items(message);
  }

  /**
   * The message in the shape; null for one of which nothing is there.
   *
   * @throws MalformedRecordException if the shape cannot hold it; says why
   */
  public String write(Entity message) {
    if (fields().stream().allMatch(field -> message.text(field) == null)) {
      return null;
    }
    Optional<String> kept = kept(message).filter(json -> saysTheSame(json, message));
    return kept.isPresent() ? kept.get() : shape.write(message);
  }

  private Optional<String> kept(Entity message) {
    String unknown = message.text(UNKNOWN);
    Map<String, String> members = unknown == null ? null : JsonText.members(unknown);
    return Optional.ofNullable(members == null ? null : members.get(name())).map(JsonText::unquote);
  }

  private boolean saysTheSame(String json, Entity message) {
    Entity.Builder read = Entity.of(Kind.MESSAGE);
    shape.read(JsonText.membersOf(json), read);
    return fields().stream()
        .allMatch(field -> isSame(field, read.text(field), message.text(field)));
  }

  /** Databases that parse JSON spell it anew. */
  private static boolean isSame(Field field, String left, String right) {
    return Objects.equals(left, right)
        || (field.type() == FieldType.JSON
            && left != null
            && right != null
            && JsonText.normal(left).equals(JsonText.normal(right)));
  }
}
