package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import java.util.List;
import java.util.Random;

/** Rows of other systems, with texts that somebody may have thought nobody would write. */
final class HostileRows {
  private static final List<Kind> KINDS =
      List.of(Kind.SESSION, Kind.MESSAGE, Kind.TOOL_RUN, Kind.MEMORY_SUMMARY, Kind.EVENT);

  private static final List<String> TEXTS =
      List.of(
          "",
          "user",
          "tool",
          "null",
          "line-000001",
          "m0",
          "{\"type\":\"session\"}",
          "é 😀 \"quoted\" \\ back",
          "line\nbreak\ttab\r",
          "\u2028\u0001 end",
          "agent:main:x",
          "1e400");

  private static final List<String> DOCUMENTS =
      List.of(
          "{}",
          "[]",
          "null",
          "{\"line\":3}",
          "{\"line\":1,\"raw\":\"no json\"}",
          "{\"line\":2,\"raw\":\"{\\\"type\\\":\\\"message\\\",\\\"message\\\":{\\\"role\\\":\\\"user\\\"}}\"}",
          "{\"_segue\":{\"none\":true},\"n\":1.50}",
          "[{\"type\":\"text\",\"text\":\"a\\nb\"}]",
          "\"text\"",
          "1.10");

  private HostileRows() {}

  /** One of a few rows, with other values each time. */
  static Entity any(Random random) {
    Kind kind = KINDS.get(random.nextInt(KINDS.size()));
    Entity.Builder entity = Entity.of(kind);
    for (Field field : kind.fields()) {
      boolean known = field.identity() || random.nextInt(3) == 0;
      entity.set(field, known ? text(field, random) : null);
    }
    return entity.set("session_id", "s" + random.nextInt(3)).build();
  }

  private static String text(Field field, Random random) {
    if (field.identity()) {
      return random.nextBoolean() ? "m" + random.nextInt(4) : "line-00000" + random.nextInt(4);
    }
    return switch (field.type()) {
      case TEXT ->
          field.name().equals("session_key") ? null : TEXTS.get(random.nextInt(TEXTS.size()));
      case INTEGER -> Integer.toString(random.nextInt(9) - 2);
      case DECIMAL -> "1." + random.nextInt(99) + "1";
      case BOOLEAN -> Boolean.toString(random.nextBoolean());
      case TIMESTAMP ->
          "2026-03-0" + (1 + random.nextInt(5)) + "T09:30:00.12345" + random.nextInt(9) + "Z";
      case JSON -> document(random);
    };
  }

  private static String document(Random random) {
    String document = DOCUMENTS.get(random.nextInt(DOCUMENTS.size()));
    return random.nextInt(4) == 0
        ? "{\"other\":" + JsonText.quote(TEXTS.get(random.nextInt(TEXTS.size()))) + "}"
        : document;
  }
}
