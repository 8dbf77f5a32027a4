package dev.segue.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.Timestamps;
import dev.segue.relational.ColumnType;
import dev.segue.relational.Limits;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's own text of a value (in a session as {@link PostgresConnections} opens it) to and
 * from neutral text.
 */
final class NeutralText {
  private static final ObjectMapper JSON = new ObjectMapper(JsonText.FACTORY);
  private static final DateTimeFormatter POSTGRES_TIMESTAMP =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyyy-MM-dd HH:mm:ss")
          .optionalStart()
          .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH:mm:ss", "+00")
          .optionalEnd()
          .toFormatter(java.util.Locale.ROOT);

  private static final Pattern INTERVAL_PART = Pattern.compile("(T|(-?[0-9.]+)([YMWDHS]))");

  /** What a vector is an array of. */
  static final ColumnType ELEMENT_OF_VECTOR =
      new ColumnType(ColumnType.Family.FLOAT, "real", "real", Limits.ofFloat(6), null);

  /** Debezium tells one infinity as the other, so neither is carried. */
  static final String INFINITE_DATE = "holds an infinite date, which the log does not tell";

  private NeutralText() {}

  /** What PostgreSQL prints for a value, as neutral text. */
  static String fromPostgres(ColumnType type, String text) {
    return switch (type.family()) {
      case TEXT, INTEGER, DECIMAL, JSON, UUID, BYTES -> text;
      case DATE -> date(text);
      case INTERVAL -> interval(text);
      case FLOAT -> floating(text);
      case BOOLEAN -> text.equals("t") ? "true" : text.equals("f") ? "false" : text;
      case INSTANT, LOCAL_TIMESTAMP -> timestamp(text);
      case TIME -> time(text);
      case ARRAY -> array(type.element(), text);
      case VECTOR -> array(ELEMENT_OF_VECTOR, "{" + text.substring(1, text.length() - 1) + "}");
      case UNSUPPORTED -> throw new MalformedRecordException("has type " + type);
    };
  }

  /** Neutral text as PostgreSQL reads it. */
  static String toPostgres(ColumnType type, String neutral) {
    return switch (type.family()) {
      case INSTANT, LOCAL_TIMESTAMP -> toTimestamp(type, neutral);
      case DATE -> toDate(neutral);
      case ARRAY -> toArray(type.element(), neutral);
      // Floats that need an exponent are quoted in neutral text.
      case VECTOR -> neutral.replace("\"", "");
      default -> neutral;
    };
  }

  /** A float as the shortest text that reads back the same, without a needless exponent. */
  static String floating(String text) {
    switch (text) {
      case "NaN", "Infinity", "-Infinity" -> {
        return text;
      }
      default -> {
        BigDecimal value = new BigDecimal(text).stripTrailingZeros();
        String plain = value.toPlainString();
        return plain.length() <= 24 ? plain : value.toString();
      }
    }
  }

  /** {@code 2026-01-31 08:30:00.5+00} to {@code 2026-01-31T08:30:00.500000Z}. */
  static String timestamp(String text) {
    if (text.equals(Timestamps.INFINITY) || text.equals(Timestamps.MINUS_INFINITY)) {
      return text;
    }
    int length = text.length();
    int end = length;
    if (length > 22 && text.endsWith("+00")) {
      end = length - 3;
    }
    if (!text.endsWith("BC")
        && text.charAt(4) == '-'
        && length >= 19
        && end >= 19
        && end <= 26
        && text.charAt(10) == ' ') {
      StringBuilder canonical = new StringBuilder(27);
      canonical.append(text, 0, 10).append('T').append(text, 11, 19).append('.');
      int digits = Math.max(0, end - 20);
      canonical.append(text, end > 19 ? 20 : 19, end > 19 ? end : 19);
      for (int i = digits; i < 6; i++) {
        canonical.append('0');
      }
      return canonical.append('Z').toString();
    }
    return unusualTimestamp(text);
  }

  private static String unusualTimestamp(String text) {
    boolean beforeChrist = text.endsWith(" BC");
    String plain = beforeChrist ? text.substring(0, text.length() - 3) : text;
    String padded = plain.indexOf('-') == 4 ? "0" + plain : plain;
    try {
      LocalDateTime time =
          LocalDateTime.from(POSTGRES_TIMESTAMP.parse(padded.replaceFirst("\\+00$", "")));
      return Timestamps.format(
          (beforeChrist ? time.withYear(1 - time.getYear()) : time).atOffset(ZoneOffset.UTC));
    } catch (java.time.DateTimeException e) {
      throw new MalformedRecordException("holds a timestamp out of range", e);
    }
  }

  private static String toTimestamp(ColumnType type, String neutral) {
    String text = neutral;
    boolean beforeChrist = text.startsWith("-") && !text.startsWith("-i");
    if (text.startsWith("+")) {
      text = text.substring(1);
    } else if (beforeChrist) {
      int dash = text.indexOf('-', 1);
      int year = Integer.parseInt(text.substring(1, dash)) + 1;
      text = String.format(java.util.Locale.ROOT, "%04d", year) + text.substring(dash);
    }
    if (type.family() == ColumnType.Family.LOCAL_TIMESTAMP && text.endsWith("Z")) {
      text = text.substring(0, text.length() - 1);
    }
    return beforeChrist ? text + " BC" : text;
  }

  /** {@code 0044-03-15 BC} to {@code -0043-03-15}. */
  private static String date(String text) {
    if (text.endsWith("infinity")) {
      throw new MalformedRecordException(INFINITE_DATE);
    }
    if (text.endsWith(" BC")) {
      int dash = text.indexOf('-');
      int year = Integer.parseInt(text.substring(0, dash)) - 1;
      return String.format(Locale.ROOT, "%s%04d", year == 0 ? "" : "-", year)
          + text.substring(dash, text.length() - 3);
    }
    return text.indexOf('-') > 4 ? "+" + text : text;
  }

  private static String toDate(String neutral) {
    if (neutral.startsWith("+")) {
      return neutral.substring(1);
    }
    boolean beforeChrist =
        (neutral.startsWith("-") && !neutral.startsWith("-i")) || neutral.startsWith("0000-");
    if (!beforeChrist) {
      return neutral;
    }
    String plain = neutral.startsWith("-") ? neutral.substring(1) : neutral;
    int dash = plain.indexOf('-');
    int year = Integer.parseInt(plain.substring(0, dash)) + 1;
    return String.format(Locale.ROOT, "%04d", year) + plain.substring(dash) + " BC";
  }

  /** {@code P0Y1M0DT2H0M3.50S} to {@code P1MT2H3.5S}. */
  static String interval(String text) {
    StringBuilder canonical = new StringBuilder("P");
    boolean time = false;
    Matcher part = INTERVAL_PART.matcher(text);
    while (part.find()) {
      if (part.group(1).equals("T")) {
        time = true;
        continue;
      }
      BigDecimal number = new BigDecimal(part.group(2));
      if (number.signum() != 0) {
        if (time && canonical.indexOf("T") < 0) {
          canonical.append('T');
        }
        canonical.append(number.stripTrailingZeros().toPlainString()).append(part.group(3));
      }
    }
    return canonical.length() == 1 ? "PT0S" : canonical.toString();
  }

  private static String time(String text) {
    StringBuilder canonical = new StringBuilder(text);
    int dot = text.indexOf('.');
    if (dot < 0) {
      canonical.append('.');
      dot = text.length();
    }
    while (canonical.length() < dot + 7) {
      canonical.append('0');
    }
    return canonical.toString();
  }

  /** {@code {a,"b c",NULL}} to a JSON array of neutral texts. */
  static String array(ColumnType element, String text) {
    ArrayParser parser = new ArrayParser(element, text);
    return parser.parse();
  }

  /** Whether elements of this type stand in a JSON array as they are. */
  static boolean isBare(ColumnType element, String neutral) {
    return switch (element.family()) {
      case INTEGER, BOOLEAN, JSON -> true;
      case DECIMAL, FLOAT ->
          Character.isDigit(neutral.charAt(neutral.length() - 1)) && !neutral.contains("E");
      default -> false;
    };
  }

  private static String toArray(ColumnType element, String json) {
    try {
      JsonNode node = JSON.readTree(json);
      StringBuilder literal = new StringBuilder(json.length() + 16);
      arrayLiteral(element, node, literal);
      return literal.toString();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new MalformedRecordException("is not a JSON array", e);
    }
  }

  private static void arrayLiteral(ColumnType element, JsonNode node, StringBuilder into) {
    if (node instanceof ArrayNode array && element.family() != ColumnType.Family.JSON) {
      into.append('{');
      for (int i = 0; i < array.size(); i++) {
        if (i > 0) {
          into.append(',');
        }
        arrayLiteral(element, array.get(i), into);
      }
      into.append('}');
    } else if (node.isNull()) {
      into.append("NULL");
    } else {
      String text = toPostgres(element, node.isTextual() ? node.textValue() : node.toString());
      into.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }
  }

  /** Reads PostgreSQL's array literals. */
  private static final class ArrayParser {
    private final ColumnType element;
    private final String text;
    private int at;

    ArrayParser(ColumnType element, String text) {
      this.element = element;
      this.text = text;
      // Bounds other than 1 come first: [0:1]={a,b}. They have no place in JSON and are dropped.
      this.at = text.startsWith("[") ? text.indexOf('=') + 1 : 0;
    }

    String parse() {
      return list();
    }

    private String list() {
      at++;
      List<String> elements = new ArrayList<>();
      while (text.charAt(at) != '}') {
        if (text.charAt(at) == ',') {
          at++;
        }
        elements.add(text.charAt(at) == '{' ? list() : scalar());
      }
      at++;
      return "[" + String.join(",", elements) + "]";
    }

    private String scalar() {
      StringBuilder value = new StringBuilder();
      boolean quoted = text.charAt(at) == '"';
      if (quoted) {
        at++;
      }
      while (quoted ? text.charAt(at) != '"' : text.charAt(at) != ',' && text.charAt(at) != '}') {
        if (text.charAt(at) == '\\') {
          at++;
        }
        value.append(text.charAt(at++));
      }
      if (quoted) {
        at++;
      } else if (value.toString().equals("NULL")) {
        return "null";
      }
      String neutral = fromPostgres(element, value.toString());
      return isBare(element, neutral) ? neutral : JsonText.quote(neutral);
    }
  }
}
