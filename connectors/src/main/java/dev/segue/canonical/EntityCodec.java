package dev.segue.canonical;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Entities as JSON objects, one member per field that is not absent. A member that no field of the
 * kind is named after is kept in {@code unknown}, so a newer writer's records survive an older
 * reader.
 */
final class EntityCodec {
  private static final Pattern INTEGER = Pattern.compile("-?\\d+");

  private EntityCodec() {}

  /** Lists the fields that hold the JSON value null, as opposed to nothing. */
  private static final String JSON_NULLS = "$json_null";

  static void write(Entity entity, JsonGenerator json) throws IOException {
    List<String> jsonNulls = new ArrayList<>(0);
    json.writeStartObject();
    for (Field field : entity.kind().fields()) {
      if (entity.isAbsent(field)) {
        continue;
      }
      json.writeFieldName(field.name());
      String text = entity.text(field);
      if (text == null) {
        json.writeNull();
        continue;
      }
      if (field.type() == FieldType.JSON && JsonText.isNull(text)) {
        jsonNulls.add(field.name());
      }
      switch (field.type()) {
        case TEXT -> json.writeString(JsonText.wholeCharacters(text));
        case TIMESTAMP -> json.writeString(text);
        case BOOLEAN, INTEGER, DECIMAL, JSON -> json.writeRawValue(text);
      }
    }
    if (!jsonNulls.isEmpty()) {
      json.writeArrayFieldStart(JSON_NULLS);
      for (String name : jsonNulls) {
        json.writeString(name);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  /** Reads the object that the parser stands on; {@code source} is the UTF-8 it parses. */
  static Entity read(Kind kind, JsonParser json, byte[] source) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new MalformedRecordException("entity is " + json.currentToken() + ", not an object");
    }
    Entity.Builder entity = Entity.of(kind);
    Map<String, String> strangers = new LinkedHashMap<>();
    String unknown = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      Field field = kind.field(name).orElse(null);
      if (name.equals(JSON_NULLS) && token == JsonToken.START_ARRAY) {
        while (json.nextToken() == JsonToken.VALUE_STRING) {
          kind.field(json.getText()).ifPresent(f -> entity.set(f, "null"));
        }
      } else if (field == null) {
        strangers.put(name, JsonText.valueText(json, source));
      } else if (token == JsonToken.VALUE_NULL) {
        entity.set(field, null);
      } else {
        String text = text(field, token, json, source);
        entity.set(field, text);
        if (name.equals("unknown")) {
          unknown = text;
        }
      }
    }
    if (!strangers.isEmpty()) {
      entity.set("unknown", merge(unknown, strangers));
    }
    return entity.build();
  }

  private static String merge(String unknown, Map<String, String> strangers) {
    Map<String, String> all = unknown == null ? null : JsonText.members(unknown);
    if (all == null) {
      all = new LinkedHashMap<>();
    }
    all.putAll(strangers);
    return JsonText.object(all);
  }

  private static String text(Field field, JsonToken token, JsonParser json, byte[] source)
      throws IOException {
    return switch (field.type()) {
      case JSON -> JsonText.valueText(json, source);
      case TEXT ->
          JsonText.wholeCharacters(
              expect(field, token == JsonToken.VALUE_STRING, "a string", json.getText()));
      case TIMESTAMP ->
          Timestamps.canonical(
              field.name(),
              expect(field, token == JsonToken.VALUE_STRING, "a timestamp string", json.getText()));
      case BOOLEAN -> expect(field, token.isBoolean(), "true or false", json.getText());
      case INTEGER ->
          expect(
              field,
              token == JsonToken.VALUE_NUMBER_INT && INTEGER.matcher(json.getText()).matches(),
              "a whole number",
              json.getText());
      case DECIMAL ->
          new BigDecimal(expect(field, token.isNumeric(), "a number", json.getText()))
              .toPlainString();
    };
  }

  private static String expect(Field field, boolean holds, String expected, String text) {
    if (!holds) {
      throw new MalformedRecordException("field " + field + ": expected " + expected);
    }
    return text;
  }
}
