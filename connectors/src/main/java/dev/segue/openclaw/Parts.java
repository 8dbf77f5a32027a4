package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The parts that a message's content is made of. */
final class Parts {
  private Parts() {}

  /** Those of a type, each as it is spelt. */
  static List<String> of(List<String> parts, String type) {
    return parts.stream().filter(part -> type.equals(text(part, "type"))).toList();
  }

  /** A member that is a text, of every part that has it, on lines of their own. */
  static String texts(List<String> parts, String member) {
    return parts.stream()
        .map(part -> text(part, member))
        .filter(Objects::nonNull)
        .collect(Collectors.joining("\n"));
  }

  private static String text(String part, String member) {
    Map<String, String> members = JsonText.members(part);
    return members == null ? null : Transcript.text(members, member);
  }
}
