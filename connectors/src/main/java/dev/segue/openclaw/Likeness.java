package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.Timestamps;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What of an entity a store holds, in one spelling. How the files are spelt is no part of it, and a
 * session's last change is kept there in milliseconds.
 */
final class Likeness {
  private static final String UNKNOWN = "unknown";

  /** What it takes to write the same files again. */
  private static final List<String> SPELLING =
      List.of(
          Transcript.LINE,
          Transcript.RAW,
          Transcript.BYTES,
          StoreFiles.ENTRIES,
          StoreFiles.TORN,
          StoreFiles.HEADLESS);

  private Likeness() {}

  /** The fields that are known of an entity and are something else in another one. */
  static Map<String, String> differences(Entity entity, Entity told) {
    Map<String, String> differences = new LinkedHashMap<>();
    for (Field field : entity.kind().fields()) {
      if (!entity.isAbsent(field)
          && !Objects.equals(
              spelling(entity.kind(), field, entity.text(field)),
              spelling(told.kind(), field, told.text(field)))) {
        differences.put(field.name(), lasting(entity, field));
      }
    }
    return differences;
  }

  /** A field without how a file spelt it; null if that is nothing. */
  static String lasting(Entity entity, Field field) {
    String text = entity.text(field);
    return field.name().equals(UNKNOWN) ? withoutSpelling(text) : text;
  }

  /** One spelling of a field's text. */
  static String spelling(Kind kind, Field field, String text) {
    if (text == null) {
      return null;
    }
    if (field.name().equals(UNKNOWN)) {
      String rest = withoutSpelling(text);
      return rest == null ? null : JsonText.normal(rest);
    }
    if (field.type() == FieldType.JSON) {
      return JsonText.isNull(text) ? null : JsonText.normal(text);
    }
    boolean inStore = kind == Kind.SESSION && field.name().equals("updated_at");
    return inStore && text.endsWith("Z") ? millis(text) : text;
  }

  private static String millis(String text) {
    return Timestamps.format(OffsetDateTime.parse(text).truncatedTo(ChronoUnit.MILLIS));
  }

  private static String withoutSpelling(String json) {
    Map<String, String> members = json == null ? null : JsonText.members(json);
    if (members == null) {
      return json == null || JsonText.isNull(json) ? null : json;
    }
    members.keySet().removeAll(SPELLING);
    return members.isEmpty() ? null : JsonText.object(members);
  }
}
