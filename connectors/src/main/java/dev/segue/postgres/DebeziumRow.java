package dev.segue.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.Timestamps;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.Row;
import dev.segue.relational.Table;
import dev.segue.spi.SystemFault;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Rows in Debezium's envelope to neutral texts. Expects the settings of {@link DebeziumSettings}:
 * decimals as strings, times in microseconds, intervals as strings, bytes in base 64.
 */
final class DebeziumRow {
  /** What Debezium writes for the infinities of a timestamp without zone, in microseconds. */
  private static final long INFINITY = 9_223_372_036_825_200_000L;

  private static final long MINUS_INFINITY = -9_223_372_036_832_400_000L;

  private final Table table;
  private final String placeholder;
  private final String placeholderBytes;

  /**
   * @param placeholder what stands for a value that the log left out
   */
  DebeziumRow(Table table, String placeholder) {
    this.table = table;
    this.placeholder = placeholder;
    this.placeholderBytes =
        Base64.getEncoder().encodeToString(placeholder.getBytes(StandardCharsets.UTF_8));
  }

  /** The row's neutral texts in the order of the table's columns. */
  String[] read(JsonNode row) {
    return read(row, false);
  }

  /** The same, but what has no neutral text is absent. */
  String[] readWhatCanBe(JsonNode row) {
    return read(row, true);
  }

  private String[] read(JsonNode row, boolean leavesOut) {
    List<Column> columns = table.columns();
    String[] values = new String[columns.size()];
    int seen = 0;
    for (int i = 0; i < values.length; i++) {
      Column column = columns.get(i);
      JsonNode node = row.get(column.name());
      if (node == null) {
        // Computed columns are not in the log; others were added after this event was written.
        continue;
      }
      seen++;
      try {
        values[i] = value(column.type(), node);
      } catch (RuntimeException e) {
        if (leavesOut) {
          values[i] = Row.ABSENT;
          continue;
        }
        throw new UnmappableRowException(
            "column " + column.name() + " of " + table.id() + ": " + reason(e));
      }
    }
    if (seen < row.size()) {
      row.fieldNames()
          .forEachRemaining(
              name -> {
                if (table.column(name).isEmpty()) {
                  throw SystemFault.permanent(
                      "source " + table.id() + " got column " + name + " while the migration runs",
                      "see where it would go with: segue plan; then go on with: segue run");
                }
              });
    }
    return values;
  }

  private static String reason(RuntimeException e) {
    return e instanceof MalformedRecordException ? e.getMessage() : e.getClass().getSimpleName();
  }

  private String value(ColumnType type, JsonNode node) {
    if (node.isNull()) {
      return null;
    }
    if (isPlaceholder(node)) {
      return Row.ABSENT;
    }
    return neutral(type, node);
  }

  private boolean isPlaceholder(JsonNode node) {
    if (node.isTextual()) {
      String text = node.textValue();
      return text.equals(placeholder) || text.equals(placeholderBytes);
    }
    return node instanceof ArrayNode array && array.size() == 1 && isPlaceholder(array.get(0));
  }

  private static String neutral(ColumnType type, JsonNode node) {
    return switch (type.family()) {
      case TEXT, UUID -> text(node);
      case JSON -> json(text(node));
      case INTERVAL -> NeutralText.interval(text(node));
      case INTEGER -> node.asText();
      case DECIMAL -> decimal(node.asText());
      case FLOAT -> NeutralText.floating(node.asText());
      case BOOLEAN -> node.asText();
      case INSTANT -> instant(text(node));
      case LOCAL_TIMESTAMP -> local(node);
      case DATE -> node.isNumber() ? date(node.longValue()) : node.asText();
      case TIME -> node.isNumber() ? time(node.longValue()) : node.asText();
      case BYTES -> "\\x" + HexFormat.of().formatHex(Base64.getDecoder().decode(text(node)));
      case ARRAY -> array(type.element(), node);
      case VECTOR -> array(NeutralText.ELEMENT_OF_VECTOR, node);
      case UNSUPPORTED -> throw new MalformedRecordException("has type " + type);
    };
  }

  private static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw new MalformedRecordException("expected a string, found " + node.getNodeType());
    }
    return node.textValue();
  }

  /** What the database takes for JSON and our parser does not must not get into the topics. */
  private static String json(String text) {
    JsonText.check(text);
    return text;
  }

  private static String decimal(String text) {
    return switch (text) {
      case "NAN", "NaN" -> "NaN";
      case "POSITIVE_INFINITY", "Infinity" -> "Infinity";
      case "NEGATIVE_INFINITY", "-Infinity" -> "-Infinity";
      default -> text.indexOf('E') < 0 ? text : new BigDecimal(text).toPlainString();
    };
  }

  private static String instant(String text) {
    return text.equals(Timestamps.INFINITY) || text.equals(Timestamps.MINUS_INFINITY)
        ? text
        : Timestamps.canonical("value", text);
  }

  private static String local(JsonNode node) {
    if (!node.isNumber()) {
      return instant(node.asText());
    }
    long micros = node.longValue();
    if (micros >= INFINITY) {
      return Timestamps.INFINITY;
    }
    if (micros <= MINUS_INFINITY) {
      return Timestamps.MINUS_INFINITY;
    }
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    return Timestamps.format(instant.atOffset(ZoneOffset.UTC));
  }

  private static String date(long days) {
    if (Math.abs(days) > 1_000_000_000L) {
      throw new MalformedRecordException(NeutralText.INFINITE_DATE);
    }
    return LocalDate.ofEpochDay(days).toString();
  }

  private static String time(long micros) {
    if (micros == 86_400_000_000L) {
      return "24:00:00.000000";
    }
    LocalTime time = LocalTime.ofNanoOfDay(micros * 1000);
    return String.format(
        java.util.Locale.ROOT,
        "%02d:%02d:%02d.%06d",
        time.getHour(),
        time.getMinute(),
        time.getSecond(),
        time.getNano() / 1000);
  }

  private static String array(ColumnType element, JsonNode node) {
    if (!(node instanceof ArrayNode array)) {
      throw new MalformedRecordException("expected a list, found " + node.getNodeType());
    }
    List<String> elements = new ArrayList<>(array.size());
    for (JsonNode item : array) {
      if (item.isNull()) {
        elements.add("null");
      } else if (item.isArray()) {
        elements.add(array(element, item));
      } else {
        String neutral = neutral(element, item);
        elements.add(NeutralText.isBare(element, neutral) ? neutral : JsonText.quote(neutral));
      }
    }
    return "[" + String.join(",", elements) + "]";
  }
}
