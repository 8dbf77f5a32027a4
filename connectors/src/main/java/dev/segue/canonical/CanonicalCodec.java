package dev.segue.canonical;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Canonical entities and changes as JSON, version 1. A change is {@code
 * {"v":1,"op":"upsert","kind":"message","position":"0/A+0/B#1","committed_at":0,"entity":{…}}}.
 * Reading throws {@link MalformedRecordException} for anything that is not such a document.
 */
public final class CanonicalCodec {
  private static final int VERSION = 1;

  private CanonicalCodec() {}

  /** The entity as one JSON object with its kind and format version. */
  public static String write(Entity entity) {
    return new String(document(json -> writeEntity(entity, json)), StandardCharsets.UTF_8);
  }

  /** Reads what {@link #write(Entity)} wrote. */
  public static Entity readEntity(String text) {
    Document document = Document.read(text.getBytes(StandardCharsets.UTF_8));
    return document.require(document.entity, "entity");
  }

  /**
   * The change in UTF-8.
   *
   * @throws MalformedRecordException if a text has half of a surrogate pair, which UTF-8 cannot
   *     hold
   */
  public static byte[] write(CanonicalChange change) {
    return document(json -> writeChange(change, json));
  }

  /** Reads what {@link #write(CanonicalChange)} wrote. */
  public static CanonicalChange readChange(byte[] utf8) {
    Document d = Document.read(utf8);
    SourcePosition position = SourcePosition.parse(d.require(d.position, "position"));
    return switch (d.require(d.op, "op")) {
      case "upsert" ->
          new CanonicalChange.Upsert(position, d.committedAt, d.require(d.entity, "entity"));
      case "delete" ->
          new CanonicalChange.Delete(
              position, d.committedAt, d.require(d.entity, "entity"), d.unlessExpired);
      case "truncate" ->
          new CanonicalChange.Truncate(position, d.committedAt, d.require(d.table, "table"));
      case "retain" ->
          new CanonicalChange.Retain(
              position,
              d.committedAt,
              d.require(d.kind, "kind"),
              d.require(d.session, "session"),
              d.require(d.kept, "kept"),
              d.unlessExpired);
      case "park" ->
          new CanonicalChange.Park(
              position,
              d.committedAt,
              d.require(d.session, "session"),
              d.require(d.reason, "reason"));
      case "release" ->
          new CanonicalChange.Release(position, d.committedAt, d.require(d.session, "session"));
      case "mark" ->
          new CanonicalChange.Mark(position, d.committedAt, d.require(d.nonce, "nonce"), d.sentAt);
      default -> throw new MalformedRecordException("op: '" + d.op + "' is not known");
    };
  }

  private static void writeChange(CanonicalChange change, JsonGenerator json) throws IOException {
    json.writeStringField("position", change.position().toString());
    json.writeNumberField("committed_at", change.committedAt());
    if (change.unlessExpired()) {
      json.writeBooleanField("unless_expired", true);
    }
    if (change instanceof CanonicalChange.Upsert upsert) {
      json.writeStringField("op", "upsert");
      writeEntity(upsert.entity(), json);
    } else if (change instanceof CanonicalChange.Delete delete) {
      json.writeStringField("op", "delete");
      writeEntity(delete.entity(), json);
    } else if (change instanceof CanonicalChange.Truncate truncate) {
      json.writeStringField("op", "truncate");
      json.writeStringField("table", truncate.table());
    } else if (change instanceof CanonicalChange.Retain retain) {
      json.writeStringField("op", "retain");
      json.writeStringField("kind", retain.kind().wireName());
      json.writeStringField("session", retain.sessionId());
      json.writeArrayFieldStart("kept");
      for (List<String> identity : retain.kept()) {
        json.writeArray(identity.toArray(String[]::new), 0, identity.size());
      }
      json.writeEndArray();
    } else if (change instanceof CanonicalChange.Park park) {
      json.writeStringField("op", "park");
      json.writeStringField("session", park.sessionId());
      json.writeStringField("reason", park.reason());
    } else if (change instanceof CanonicalChange.Release release) {
      json.writeStringField("op", "release");
      json.writeStringField("session", release.sessionId());
    } else if (change instanceof CanonicalChange.Mark mark) {
      json.writeStringField("op", "mark");
      json.writeStringField("nonce", mark.nonce());
      json.writeNumberField("sent_at", mark.sentAt());
    }
  }

  private static void writeEntity(Entity entity, JsonGenerator json) throws IOException {
    json.writeStringField("kind", entity.kind().wireName());
    json.writeFieldName("entity");
    EntityCodec.write(entity, json);
  }

  private static byte[] document(JsonText.Writing body) {
    try {
      return JsonText.bytes(
          json -> {
            json.writeStartObject();
            json.writeNumberField("v", VERSION);
            body.to(json);
            json.writeEndObject();
          });
    } catch (IOException e) {
      throw new MalformedRecordException("cannot be written as JSON", e);
    }
  }

  /** One document of the wire, whatever it holds. */
  private static final class Document {
    private String op;
    private Kind kind;
    private String position;
    private String table;
    private String session;
    private String reason;
    private String nonce;
    private List<List<String>> kept;
    private boolean unlessExpired;
    private long committedAt;
    private long sentAt;
    private Entity entity;

    static Document read(byte[] text) {
      Document document = new Document();
      try (JsonParser json = JsonText.FACTORY.createParser(text)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw new MalformedRecordException("is not a JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          document.take(name, json, text);
        }
      } catch (IOException e) {
        throw new MalformedRecordException("is not valid JSON", e);
      }
      return document;
    }

    private void take(String name, JsonParser json, byte[] text) throws IOException {
      switch (name) {
        case "v" -> {
          if (json.getIntValue() != VERSION) {
            throw new MalformedRecordException(
                "v: expected "
                    + VERSION
                    + ", found "
                    + json.getText()
                    + "; a newer Segue wrote it");
          }
        }
        case "op" -> op = json.getText();
        case "kind" ->
            kind =
                Kind.of(json.getText())
                    .orElseThrow(
                        () -> new MalformedRecordException("kind: expected " + Kind.wireNames()));
        case "position" -> position = json.getText();
        case "table" -> table = json.getText();
        case "session" -> session = json.getText();
        case "reason" -> reason = json.getText();
        case "nonce" -> nonce = json.getText();
        case "unless_expired" -> unlessExpired = json.getBooleanValue();
        case "kept" -> kept = readKept(json);
        case "committed_at" -> committedAt = json.getLongValue();
        case "sent_at" -> sentAt = json.getLongValue();
        case "entity" ->
            entity = EntityCodec.read(require(kind, "kind (before entity)"), json, text);
        default -> json.skipChildren();
      }
    }

    private static List<List<String>> readKept(JsonParser json) throws IOException {
      List<List<String>> kept = new ArrayList<>();
      while (json.nextToken() == JsonToken.START_ARRAY) {
        List<String> identity = new ArrayList<>();
        while (json.nextToken() == JsonToken.VALUE_STRING) {
          identity.add(json.getText());
        }
        kept.add(identity);
      }
      return kept;
    }

    private <T> T require(T value, String name) {
      if (value == null) {
        throw new MalformedRecordException(name + " is missing");
      }
      return value;
    }
  }
}
