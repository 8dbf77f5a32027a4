package dev.segue.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.RowReader;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import dev.segue.spi.ChangeTranslator;
import java.io.IOException;
import java.util.Map;

/** Records of the change topic, in Debezium's envelope, to canonical changes. */
final class DebeziumTranslator implements ChangeTranslator {
  private static final ObjectReader JSON =
      new ObjectMapper(JsonText.FACTORY)
          .reader()
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final Map<TableId, TableTranslator> tables;
  private final String messagePrefix;

  DebeziumTranslator(Map<TableId, TableTranslator> tables, String messagePrefix) {
    this.tables = Map.copyOf(tables);
    this.messagePrefix = messagePrefix;
  }

  /**
   * How rows of one table are read.
   *
   * @param kindName the name of the table that stands for all of its kind
   */
  record TableTranslator(Table table, DebeziumRow rows, RowReader reader, String kindName) {}

  @Override
  public CanonicalChange translate(byte[] value, SourcePosition position, boolean departed) {
    JsonNode envelope = parse(value);
    JsonNode source = envelope.path("source");
    long committedAt = source.path("ts_ms").longValue();
    String operation = envelope.path("op").asText("");
    SourcePosition at = position == null ? positionOf(source) : position;
    if (operation.equals("m")) {
      return mark(envelope.path("message"), at, committedAt);
    }
    TableId id = new TableId(source.path("schema").asText(), source.path("table").asText());
    TableTranslator table = table(id);
    JsonNode before = envelope.path("before");
    JsonNode after = envelope.path("after");
    return switch (operation) {
      case "c", "r" -> upsert(table, after, at, committedAt);
      case "u" -> {
        if (departed) {
          yield delete(table, before, at, committedAt);
        }
        if (position == null && movedSession(table, before, after)) {
          throw new UnmappableRowException(
              "row moved to another session, which a feed without positions cannot order");
        }
        yield upsert(table, after, at, committedAt);
      }
      case "d" -> delete(table, before, at, committedAt);
      case "t" -> new CanonicalChange.Truncate(at, committedAt, table.kindName());
      case MovedRow.OPERATION -> moved(envelope.path("found"), at, committedAt);
      default -> throw new MalformedRecordException("op: '" + operation + "' is not known");
    };
  }

  /**
   * What identifies the row that an event tells.
   *
   * @param before whether the row as it was before the change is meant
   */
  Entity identity(byte[] value, boolean before) {
    JsonNode envelope = parse(value);
    JsonNode source = envelope.path("source");
    TableTranslator table =
        table(new TableId(source.path("schema").asText(), source.path("table").asText()));
    JsonNode row = envelope.path(before ? "before" : "after");
    if (!row.isObject()) {
      throw new MalformedRecordException("has no row to tell which one was changed");
    }
    return table.reader().readIdentity(table.rows().readWhatCanBe(row));
  }

  private TableTranslator table(TableId id) {
    TableTranslator table = tables.get(id);
    if (table == null) {
      throw new MalformedRecordException("names table " + id + ", which is not migrated");
    }
    return table;
  }

  private CanonicalChange moved(JsonNode found, SourcePosition at, long committedAt) {
    TableTranslator table =
        table(new TableId(found.path("schema").asText(), found.path("table").asText()));
    Entity entity = table.reader().read(MovedRow.read(found, table.table()));
    return new CanonicalChange.Upsert(at, committedAt, entity);
  }

  private static JsonNode parse(byte[] value) {
    try {
      JsonNode node = JSON.readTree(value);
      if (node == null || !node.isObject()) {
        throw new MalformedRecordException("is not a JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new MalformedRecordException("is not valid JSON", e);
    } catch (IOException e) {
      throw new MalformedRecordException("is not valid JSON", e);
    }
  }

  private static boolean movedSession(TableTranslator table, JsonNode before, JsonNode after) {
    if (!before.isObject()) {
      return false;
    }
    String column = table.reader().sessionColumnName();
    return before.hasNonNull(column) && !before.get(column).equals(after.get(column));
  }

  private static CanonicalChange upsert(
      TableTranslator table, JsonNode row, SourcePosition at, long committedAt) {
    Entity entity = table.reader().read(table.rows().read(row));
    return new CanonicalChange.Upsert(at, committedAt, entity);
  }

  private static CanonicalChange delete(
      TableTranslator table, JsonNode row, SourcePosition at, long committedAt) {
    if (!row.isObject()) {
      throw new MalformedRecordException("has no 'before' to tell which row was deleted");
    }
    Entity entity = table.reader().readIdentity(table.rows().read(row));
    return new CanonicalChange.Delete(at, committedAt, entity);
  }

  private CanonicalChange mark(JsonNode message, SourcePosition at, long committedAt) {
    if (!message.path("prefix").asText().equals(messagePrefix)) {
      return null;
    }
    try {
      JsonNode content = JSON.readTree(message.path("content").binaryValue());
      return new CanonicalChange.Mark(
          at, committedAt, content.path("nonce").asText(), content.path("sent_at").longValue());
    } catch (IOException e) {
      throw new MalformedRecordException("carries a mark that is not JSON", e);
    }
  }

  private static SourcePosition positionOf(JsonNode source) {
    long after = 0;
    String sequence = source.path("sequence").asText("");
    int from = sequence.indexOf('"');
    if (from > 0 && !sequence.startsWith("[null")) {
      after = Long.parseLong(sequence.substring(from + 1, sequence.indexOf('"', from + 1)));
    }
    return new SourcePosition(after, source.path("lsn").longValue(), 0);
  }
}
