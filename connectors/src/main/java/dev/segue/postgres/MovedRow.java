package dev.segue.postgres;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Column;
import dev.segue.relational.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A row that is gone from one table and is in another, as the topic has it: {@code
 * {"op":"moved","source":{…},"found":{"schema":…,"table":…,"row":{"column":"neutral text"}}}}.
 * Where the row cannot be read, {@code refused} says why in the place of {@code row}.
 */
final class MovedRow {
  /** The operation, which Debezium does not have. */
  static final String OPERATION = "moved";

  private static final ObjectMapper JSON = new ObjectMapper(JsonText.FACTORY);

  private MovedRow() {}

  /**
   * The deletion with the row that counts now.
   *
   * @param deletion in Debezium's envelope
   */
  static byte[] write(byte[] deletion, Table table, String[] row) {
    return write(
        deletion,
        table,
        json -> {
          json.writeObjectFieldStart("row");
          for (int i = 0; i < row.length; i++) {
            Column column = table.columns().get(i);
            if (!column.generated()) {
              json.writeStringField(column.name(), row[i]);
            }
          }
          json.writeEndObject();
        });
  }

  /** The deletion with why the row that counts now cannot be read. */
  static byte[] refuse(byte[] deletion, Table table, String reason) {
    return write(deletion, table, json -> json.writeStringField("refused", reason));
  }

  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private static byte[] write(byte[] deletion, Table table, Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(deletion.length);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("op", OPERATION);
      json.writeFieldName("source");
      json.writeTree(JSON.readTree(deletion).get("source"));
      json.writeObjectFieldStart("found");
      json.writeStringField("schema", table.id().schema());
      json.writeStringField("table", table.id().name());
      content.write(json);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * The neutral texts of the row in the order of the table's columns.
   *
   * @param found what the event has under that name
   */
  static String[] read(JsonNode found, Table table) {
    if (found.has("refused")) {
      throw new UnmappableRowException(found.get("refused").asText());
    }
    JsonNode row = found.path("row");
    if (!row.isObject()) {
      throw new MalformedRecordException("has no row that was found");
    }
    return table.columns().stream()
        .map(column -> row.path(column.name()).textValue())
        .toArray(String[]::new);
  }
}
