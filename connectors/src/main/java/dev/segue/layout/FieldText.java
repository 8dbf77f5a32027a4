package dev.segue.layout;

import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.Timestamps;
import dev.segue.relational.ColumnType.Family;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/** Field texts as column texts and as JSON, and back. */
final class FieldText {
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9]\\d*)");
  private static final Pattern EPOCH = Pattern.compile("-?\\d{1,17}(\\.\\d+)?");
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?");

  private FieldText() {}

  /** Whether texts of the field's type may stand in such a column at all. */
  static boolean fits(FieldType field, Family column) {
    return switch (column) {
      case TEXT, JSON -> true;
      case INTEGER -> field == FieldType.INTEGER || field == FieldType.TEXT;
      case DECIMAL, FLOAT ->
          field == FieldType.INTEGER || field == FieldType.DECIMAL || field == FieldType.TEXT;
      case BOOLEAN -> field == FieldType.BOOLEAN || field == FieldType.TEXT;
      case INSTANT, LOCAL_TIMESTAMP -> field == FieldType.TIMESTAMP || field == FieldType.TEXT;
      case DATE, TIME, INTERVAL, BYTES -> field == FieldType.TEXT;
      case UUID -> field == FieldType.TEXT;
      case ARRAY, VECTOR -> field == FieldType.JSON;
      case UNSUPPORTED -> false;
    };
  }

  /** A field's text as the neutral text of a column. */
  static String toColumn(FieldType field, Family column, String text) {
    return column == Family.JSON ? toJson(field, text) : text;
  }

  /** A field's text as JSON. */
  static String toJson(FieldType field, String text) {
    return switch (field) {
      case TEXT, TIMESTAMP -> JsonText.quote(text);
      case INTEGER, DECIMAL, BOOLEAN, JSON -> text;
    };
  }

  /** A column's neutral text as a field's text. */
  static String fromColumn(FieldType field, Family column, String text) {
    return switch (field) {
      case TEXT -> {
        String unquoted = column == Family.JSON ? JsonText.unquote(text) : null;
        yield unquoted == null ? text : unquoted;
      }
      case JSON -> {
        switch (column) {
          case JSON, ARRAY, VECTOR -> {
            yield text;
          }
          default -> {
            JsonText.check(text);
            yield text;
          }
        }
      }
      case TIMESTAMP ->
          column == Family.INSTANT || column == Family.LOCAL_TIMESTAMP
              ? text
              : Timestamps.canonical("timestamp", unquoted(column, text));
      case INTEGER -> match(INTEGER, "a whole number", unquoted(column, text));
      case DECIMAL -> match(DECIMAL, "a plain decimal number", unquoted(column, text));
      case BOOLEAN -> {
        if (!text.equals("true") && !text.equals("false")) {
          throw new MalformedRecordException("expected true or false");
        }
        yield text;
      }
    };
  }

  /** The timestamp that a number since 1970 means. */
  static String fromEpoch(ColumnSpec.Spelling as, Family column, String text) {
    String number = unquoted(column, text);
    if (!EPOCH.matcher(number).matches()) {
      throw new MalformedRecordException(
          "expected a time since 1970 in "
              + (as == ColumnSpec.Spelling.EPOCH_S ? "seconds" : "milliseconds"));
    }
    BigDecimal micros =
        new BigDecimal(number).movePointRight(as == ColumnSpec.Spelling.EPOCH_S ? 6 : 3);
    // Stores that keep seconds as floating point have digits there that mean nothing.
    long whole = micros.setScale(0, RoundingMode.HALF_UP).longValueExact();
    return Timestamps.format(Instant.EPOCH.plus(whole, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
  }

  /** A timestamp as a number since 1970, with as many digits behind the point as it needs. */
  static String toEpoch(ColumnSpec.Spelling as, String timestamp) {
    if (timestamp.endsWith(Timestamps.INFINITY)) {
      throw new UnmappableRowException("infinity has no number since 1970");
    }
    Instant time = OffsetDateTime.parse(timestamp).toInstant();
    BigDecimal micros = BigDecimal.valueOf(ChronoUnit.MICROS.between(Instant.EPOCH, time));
    BigDecimal number = micros.movePointLeft(as == ColumnSpec.Spelling.EPOCH_S ? 6 : 3);
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  /** A JSON value's text as a field's text, or null if it is the JSON null. */
  static String fromJson(FieldType field, String json) {
    return JsonText.isNull(json) ? null : fromColumn(field, Family.JSON, json);
  }

  private static String unquoted(Family column, String text) {
    String unquoted = column == Family.JSON ? JsonText.unquote(text) : null;
    return unquoted == null ? text : unquoted;
  }

  private static String match(Pattern pattern, String expected, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new MalformedRecordException("expected " + expected);
    }
    return text;
  }

  /** A column's neutral text as JSON, for columns that no field takes. */
  static String columnAsJson(Family column, String text) {
    return switch (column) {
      case JSON, ARRAY, VECTOR, BOOLEAN -> text;
      case INTEGER -> text;
      case DECIMAL -> DECIMAL.matcher(text).matches() ? text : JsonText.quote(text);
      default -> JsonText.quote(text);
    };
  }
}
