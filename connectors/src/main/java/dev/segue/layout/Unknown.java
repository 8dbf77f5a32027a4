package dev.segue.layout;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.relational.Column;
import dev.segue.relational.Row;
import dev.segue.shape.MessageCodec;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one row tells that no field takes. */
final class Unknown {
  private final Map<String, String> members = new LinkedHashMap<>();
  private boolean told;
  private boolean untold;

  /** A column that the layout does not list. */
  void column(Column column, String text) {
    if (Row.isAbsent(text)) {
      untold = true;
    } else {
      told = true;
      members.put(
          column.name(),
          text == null ? "null" : FieldText.columnAsJson(column.type().family(), text));
    }
  }

  /** A whole message, of which the fields may not tell all. */
  void message(MessageCodec codec, String text, Entity.Builder entity) {
    if (Row.isAbsent(text)) {
      untold = true;
    } else {
      told = true;
      codec.read(text, entity).ifPresent(kept -> members.put(codec.name(), kept));
    }
  }

  void into(Entity.Builder entity) {
    if (told && untold) {
      throw UnmappableRowException.needsWholeRow("'unknown'");
    }
    if (told) {
      entity.set("unknown", members.isEmpty() ? null : JsonText.object(members));
    }
  }
}
