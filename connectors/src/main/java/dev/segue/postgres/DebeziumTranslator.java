package dev.segue.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.RowReader;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import dev.segue.spi.ChangeTranslator;
import java.util.Map;

/** Records of the change topic, in Debezium's envelope, to canonical changes. */
final class DebeziumTranslator implements ChangeTranslator {
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
    Envelope envelope = Envelope.read(value);
    long committedAt = envelope.committedAt();
    String operation = envelope.operation();
    SourcePosition at = position == null ? envelope.position() : position;
    if (operation.equals("m")) {
      return mark(envelope.object("message"), at, committedAt);
    }
    TableTranslator table = table(envelope.table());
    return switch (operation) {
      case "c", "r" -> upsert(table, envelope.object("after"), at, committedAt);
      case "u" -> {
        if (departed) {
          yield delete(table, envelope.object("before"), at, committedAt);
        }
        JsonNode after = envelope.object("after");
        if (position == null && movedSession(table, envelope.object("before"), after)) {
          throw new UnmappableRowException(
              "row moved to another session, which a feed without positions cannot order");
        }
        yield upsert(table, after, at, committedAt);
      }
      case "d" -> delete(table, envelope.object("before"), at, committedAt);
      case "t" -> new CanonicalChange.Truncate(at, committedAt, table.kindName());
      case MovedRow.OPERATION -> moved(envelope.object("found"), at, committedAt);
      default -> throw new MalformedRecordException("op: '" + operation + "' is not known");
    };
  }

  /**
   * What identifies the row that an event tells.
   *
   * @param before whether the row as it was before the change is meant
   */
  Entity identity(byte[] value, boolean before) {
    Envelope envelope = Envelope.read(value);
    TableTranslator table = table(envelope.table());
    JsonNode row = envelope.object(before ? "before" : "after");
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
    MarkMessage mark = MarkMessage.read(message.path("content").textValue());
    return new CanonicalChange.Mark(at, committedAt, mark.nonce(), mark.sentAt());
  }
}
