package dev.segue.postgres;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.relational.TableId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * One event in Debezium's envelope. Its rows are looked for at once, but taken apart only when
 * somebody asks for them: of most updates nobody needs the row as it was. The row as it is, which
 * nearly always is needed, is taken apart in passing where the operation stands before it, as in
 * what {@link EnvelopeWriter} writes.
 */
final class Envelope {
  private static final ObjectReader TREE =
      new ObjectMapper(JsonText.FACTORY)
          .reader()
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final byte[] json;
  private final Map<String, Range> objects = new HashMap<>(8);
  private JsonNode after;
  private String operation = "";
  private String schema = "";
  private String table = "";
  private String sequence = "";
  private long committedAt;
  private long address;

  private Envelope(byte[] json) {
    this.json = json;
  }

  /** Where a member's value stands. */
  private record Range(int from, int to) {}

  /**
   * Reads an event.
   *
   * @throws MalformedRecordException if it is no JSON object
   */
  static Envelope read(byte[] json) {
    Envelope envelope = new Envelope(json);
    try (JsonParser parser = JsonText.FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedRecordException("is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        envelope.take(name, parser.nextToken(), parser);
      }
      return envelope;
    } catch (IOException e) {
      throw new MalformedRecordException("is not valid JSON", e);
    }
  }

  private void take(String name, JsonToken token, JsonParser parser) throws IOException {
    if (name.equals("op")) {
      operation = parser.getText();
    } else if (name.equals("source") && token == JsonToken.START_OBJECT) {
      source(parser);
    } else if (token == JsonToken.START_OBJECT && name.equals("after") && !operation.isEmpty()) {
      after = TREE.readTree(parser);
    } else if (token == JsonToken.START_OBJECT) {
      int from = (int) parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      objects.put(name, new Range(from, (int) parser.currentLocation().getByteOffset()));
    } else {
      parser.skipChildren();
    }
  }

  private void source(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "schema" -> schema = parser.getText();
        case "table" -> table = parser.getText();
        case "sequence" -> sequence = parser.getText();
        case "ts_ms" -> committedAt = parser.getValueAsLong();
        case "lsn" -> address = parser.getValueAsLong();
        default -> parser.skipChildren();
      }
    }
  }

  /** What happened, as Debezium names it; empty where it is not told. */
  String operation() {
    return operation;
  }

  TableId table() {
    return new TableId(schema, table);
  }

  /** When the source committed it, in milliseconds since 1970. */
  long committedAt() {
    return committedAt;
  }

  /** The position that the envelope itself tells; it has no ordinal. */
  SourcePosition position() {
    long committed = 0;
    int from = sequence.indexOf('"');
    if (from > 0 && !sequence.startsWith("[null")) {
      committed = Long.parseLong(sequence.substring(from + 1, sequence.indexOf('"', from + 1)));
    }
    return new SourcePosition(committed, address, 0);
  }

  /** A member that is an object, such as {@code before}; missing where it is none. */
  JsonNode object(String name) {
    if (after != null && name.equals("after")) {
      return after;
    }
    Range range = objects.get(name);
    if (range == null) {
      return MissingNode.getInstance();
    }
    return tree(json, range.from(), range.to() - range.from());
  }

  /** Any JSON; numbers that have a point or an exponent are decimals, however large. */
  private static JsonNode tree(byte[] json, int from, int length) {
    try {
      return TREE.readTree(json, from, length);
    } catch (IOException e) {
      throw new MalformedRecordException("is not valid JSON", e);
    }
  }
}
