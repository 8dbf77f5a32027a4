package dev.segue.redis;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of the change topic for a Redis: rows as its keys told them, and marks. {@code
 * {"v":1,"op":"put","table":"message","ts":1763690000000,"row":["u42",null,false]}}; a member of
 * the row that is {@code false} was not told.
 */
final class RedisEvent {
  private static final ObjectMapper JSON = new ObjectMapper(JsonText.FACTORY);
  private static final int VERSION = 1;
  private static final String UNLESS_EXPIRED = "unless_expired";

  private RedisEvent() {}

  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  private static byte[] event(String op, long millis, Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JsonText.FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("v", VERSION);
      json.writeStringField("op", op);
      json.writeNumberField("ts", millis);
      body.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] put(RedisTable table, String[] row, long millis) {
    return event("put", millis, json -> row(table, row, json));
  }

  static byte[] gone(RedisTable table, String[] row, boolean unlessExpired, long millis) {
    return event(
        "gone",
        millis,
        json -> {
          json.writeBooleanField(UNLESS_EXPIRED, unlessExpired);
          row(table, row, json);
        });
  }

  private static void row(RedisTable table, String[] row, JsonGenerator json) throws IOException {
    json.writeStringField("table", table.name());
    json.writeArrayFieldStart("row");
    for (String value : row) {
      if (value == null) {
        json.writeNull();
      } else if (Row.isAbsent(value)) {
        json.writeBoolean(false);
      } else {
        json.writeString(value);
      }
    }
    json.writeEndArray();
  }

  /**
   * @param kept what identifies each element that is there, within its session
   */
  static byte[] retain(
      RedisTable table,
      String session,
      List<List<String>> kept,
      boolean unlessExpired,
      long millis) {
    return event(
        "retain",
        millis,
        json -> {
          json.writeStringField("table", table.name());
          json.writeBooleanField(UNLESS_EXPIRED, unlessExpired);
          json.writeStringField("session", session);
          json.writeArrayFieldStart("kept");
          for (List<String> identity : kept) {
            json.writeArray(identity.toArray(String[]::new), 0, identity.size());
          }
          json.writeEndArray();
        });
  }

  /** Before a session is told once more: it flows again, if it was parked. */
  static byte[] release(String session, long millis) {
    return event("release", millis, json -> json.writeStringField("session", session));
  }

  static byte[] reject(String reason, long millis) {
    return event("reject", millis, json -> json.writeStringField("reason", reason));
  }

  static byte[] mark(String nonce, long sentAt, long millis) {
    return event(
        "mark",
        millis,
        json -> {
          json.writeStringField("nonce", nonce);
          json.writeNumberField("sent_at", sentAt);
        });
  }

  static CanonicalChange read(byte[] value, SourcePosition position, RedisKeys keys) {
    JsonNode event = parse(value);
    long millis = event.path("ts").longValue();
    String op = event.path("op").asText("");
    return switch (op) {
      case "put" -> {
        RedisTable table = keys.table(event.path("table").asText());
        yield new CanonicalChange.Upsert(position, millis, table.reader().read(row(event)));
      }
      case "gone" -> {
        RedisTable table = keys.table(event.path("table").asText());
        yield new CanonicalChange.Delete(
            position,
            millis,
            table.reader().readIdentity(row(event)),
            event.path(UNLESS_EXPIRED).booleanValue());
      }
      case "retain" -> {
        RedisTable table = keys.table(event.path("table").asText());
        List<List<String>> kept = new ArrayList<>();
        for (JsonNode identity : event.path("kept")) {
          List<String> texts = new ArrayList<>();
          identity.forEach(text -> texts.add(text.asText()));
          kept.add(texts);
        }
        yield new CanonicalChange.Retain(
            position,
            millis,
            table.kind(),
            event.path("session").asText(),
            kept,
            event.path(UNLESS_EXPIRED).booleanValue());
      }
      case "release" ->
          new CanonicalChange.Release(position, millis, event.path("session").asText());
      case "reject" -> throw new UnmappableRowException(event.path("reason").asText());
      case "mark" ->
          new CanonicalChange.Mark(
              position, millis, event.path("nonce").asText(), event.path("sent_at").longValue());
      default -> throw new MalformedRecordException("op: '" + op + "' is not known");
    };
  }

  private static JsonNode parse(byte[] value) {
    try {
      JsonNode event = JSON.readTree(value);
      if (event == null || event.path("v").intValue() != VERSION) {
        throw new MalformedRecordException("is not an event of version " + VERSION);
      }
      return event;
    } catch (IOException e) {
      throw new MalformedRecordException("is not valid JSON", e);
    }
  }

  private static String[] row(JsonNode event) {
    JsonNode values = event.path("row");
    String[] row = new String[values.size()];
    for (int i = 0; i < row.length; i++) {
      JsonNode value = values.get(i);
      row[i] = value.isBoolean() ? Row.ABSENT : value.isNull() ? null : value.textValue();
    }
    return row;
  }
}
