package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a message says.
 *
 * @param text in plain; null if it says nothing
 * @param form {@code string}, {@code parts}, {@code null}, {@code absent} or {@code object}
 * @param parts the list that it was, as it is spelt; null if it was none
 */
record Content(String text, String form, String parts) {
  private static final String PARTS = "parts";

  /** Of a message that has no such member. */
  static final Content ABSENT = new Content(null, "absent", null);

  /**
   * Reads a member.
   *
   * @param json null if it is not there
   */
  static Content read(String json) {
    if (json == null) {
      return ABSENT;
    }
    if (JsonText.isNull(json)) {
      return new Content(null, "null", null);
    }
    String text = JsonText.unquote(json);
    if (text != null) {
      return new Content(text, "string", null);
    }
    List<String> parts = JsonText.elements(json);
    return parts == null
        ? new Content(json, "object", null)
        : new Content(textOf(parts), PARTS, json);
  }

  /** What a message's fields say. */
  static Content of(Entity message) {
    return new Content(message.text("content"), message.text("content_form"), message.text(PARTS));
  }

  void into(Entity.Builder message) {
    message.set("content", text).set("content_form", form).set(PARTS, parts);
  }

  /** Whether nothing is said. */
  boolean isSilent() {
    return (text == null || text.isEmpty()) && !isParts();
  }

  /** Whether it still is the list that it was. */
  boolean isParts() {
    List<String> elements = parts == null ? null : JsonText.elements(parts);
    return elements != null && textOf(elements).equals(text);
  }

  /** The texts of all parts that have one, each on lines of its own. */
  private static String textOf(List<String> parts) {
    return parts.stream()
        .map(Content::textOf)
        .filter(Objects::nonNull)
        .collect(Collectors.joining("\n"));
  }

  private static String textOf(String part) {
    String text = JsonText.unquote(part);
    Map<String, String> members = text == null ? JsonText.members(part) : null;
    if (members == null) {
      return text;
    }
    String said = members.getOrDefault("text", members.get("refusal"));
    return said == null ? null : JsonText.unquote(said);
  }

  /** As a member: the parts that it was, or a text. */
  String json() {
    return isParts() ? parts : JsonText.quote(text == null ? "" : text);
  }
}
