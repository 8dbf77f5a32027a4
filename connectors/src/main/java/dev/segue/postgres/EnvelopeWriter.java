package dev.segue.postgres;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.segue.canonical.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/**
 * Debezium's envelope as JSON without schema, as Kafka Connect's JsonConverter would write it, with
 * the source block trimmed to what is used.
 */
final class EnvelopeWriter {
  private static final Set<String> SOURCE =
      Set.of("name", "ts_ms", "db", "sequence", "schema", "table", "txId", "lsn", "origin");

  private EnvelopeWriter() {}

  static byte[] write(Struct envelope) {
    try {
      return JsonText.bytes(json -> event(envelope, json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The operation stands first, for who reads it then knows which of the rows it needs. */
  private static void event(Struct envelope, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("op", envelope.getString("op"));
    for (Field field : envelope.schema().fields()) {
      Object value = envelope.getWithoutDefault(field.name());
      if (field.name().equals("source")) {
        json.writeFieldName("source");
        source((Struct) value, json);
      } else if (!field.name().equals("op") && (value != null || field.name().equals("after"))) {
        json.writeFieldName(field.name());
        write(value, json);
      }
    }
    json.writeEndObject();
  }

  private static void source(Struct source, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (Field field : source.schema().fields()) {
      Object value = source.getWithoutDefault(field.name());
      if (value != null && SOURCE.contains(field.name())) {
        json.writeFieldName(field.name());
        write(value, json);
      }
    }
    json.writeEndObject();
  }

  private static void write(Object value, JsonGenerator json) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      json.writeNumber(((Number) value).intValue());
    } else if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Double number) {
      floating(number.isNaN() || number.isInfinite(), number.toString(), json);
    } else if (value instanceof Float number) {
      floating(number.isNaN() || number.isInfinite(), number.toString(), json);
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(number.toPlainString());
    } else if (value instanceof Struct struct) {
      json.writeStartObject();
      for (Field field : struct.schema().fields()) {
        json.writeFieldName(field.name());
        // Plain get would put the column's default in the place of a null.
        write(struct.getWithoutDefault(field.name()), json);
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        write(element, json);
      }
      json.writeEndArray();
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(entry.getValue(), json);
      }
      json.writeEndObject();
    } else if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      json.writeBinary(bytes);
    } else if (value instanceof byte[] bytes) {
      json.writeBinary(bytes);
    } else {
      throw new IllegalStateException("no JSON for " + value.getClass().getName());
    }
  }

  private static void floating(boolean special, String text, JsonGenerator json)
      throws IOException {
    if (special) {
      json.writeString(text);
    } else {
      json.writeNumber(text);
    }
  }
}
