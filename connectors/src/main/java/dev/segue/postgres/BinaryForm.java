package dev.segue.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the values of a type are told in binary. Only what is certain to become the value that the
 * server would read from the text is; the rest is left to the server, as text.
 */
enum BinaryForm {
  TEXT {
    @Override
    boolean write(String literal, WireBytes into) {
      into.putText(literal);
      return true;
    }
  },
  JSONB {
    @Override
    boolean write(String literal, WireBytes into) {
      into.put(1);
      into.putText(literal);
      return true;
    }
  },
  UUID {
    @Override
    boolean write(String literal, WireBytes into) {
      if (literal.length() != 36) {
        return false;
      }
      long first = hexadecimal(literal, 0, 8);
      long second = hexadecimal(literal, 9, 13);
      long third = hexadecimal(literal, 14, 18);
      long fourth = hexadecimal(literal, 19, 23);
      long fifth = hexadecimal(literal, 24, 36);
      into.putLong(first << 32 | second << 16 | third);
      into.putLong(fourth << 48 | fifth);
      return (first | second | third | fourth | fifth) >= 0
          && literal.charAt(8) == '-'
          && literal.charAt(13) == '-'
          && literal.charAt(18) == '-'
          && literal.charAt(23) == '-';
    }
  },
  BYTES {
    @Override
    boolean write(String literal, WireBytes into) {
      if (!literal.startsWith("\\x") || literal.length() % 2 != 0) {
        return false;
      }
      for (int at = 2; at < literal.length(); at += 2) {
        long b = hexadecimal(literal, at, at + 2);
        if (b < 0) {
          return false;
        }
        into.put((int) b);
      }
      return true;
    }
  },
  BOOLEAN {
    @Override
    boolean write(String literal, WireBytes into) {
      boolean isTrue = literal.equals("true");
      into.put(isTrue ? 1 : 0);
      return isTrue || literal.equals("false");
    }
  },
  SMALLINT {
    @Override
    boolean write(String literal, WireBytes into) {
      long value = integer(literal);
      into.putShort((int) value);
      return value >= Short.MIN_VALUE && value <= Short.MAX_VALUE;
    }
  },
  INTEGER {
    @Override
    boolean write(String literal, WireBytes into) {
      long value = integer(literal);
      into.putInt((int) value);
      return value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE;
    }
  },
  BIGINT {
    @Override
    boolean write(String literal, WireBytes into) {
      long value = integer(literal);
      into.putLong(value);
      return value != UNREADABLE;
    }
  },
  REAL {
    @Override
    boolean write(String literal, WireBytes into) {
      float value = isNumber(literal) ? Float.parseFloat(literal) : 0;
      into.putInt(Float.floatToRawIntBits(value));
      return Float.isFinite(value) && (value != 0 || isZero(literal));
    }
  },
  DOUBLE {
    @Override
    boolean write(String literal, WireBytes into) {
      double value = isNumber(literal) ? Double.parseDouble(literal) : 0;
      into.putLong(Double.doubleToRawLongBits(value));
      return Double.isFinite(value) && (value != 0 || isZero(literal));
    }
  },
  DATE {
    @Override
    boolean write(String literal, WireBytes into) {
      long day = literal.length() == 10 ? day(literal) : UNREADABLE;
      into.putInt((int) day);
      return day != UNREADABLE;
    }
  },
  INSTANT {
    @Override
    boolean write(String literal, WireBytes into) {
      boolean isUtc = literal.length() == 27 && literal.charAt(26) == 'Z';
      long time = isUtc ? time(literal) : UNREADABLE;
      into.putLong(time);
      return time != UNREADABLE;
    }
  },
  LOCAL_TIMESTAMP {
    @Override
    boolean write(String literal, WireBytes into) {
      long time = literal.length() == 26 ? time(literal) : UNREADABLE;
      into.putLong(time);
      return time != UNREADABLE;
    }
  };

  /** No value that is told in binary. */
  private static final long UNREADABLE = Long.MIN_VALUE;

  private static final String LARGEST = Long.toString(Long.MAX_VALUE);

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?(E[-+]?[0-9]+)?");

  private static final Pattern ZERO = Pattern.compile("0+(\\.0+)?");

  private static final int[] DAYS_BEFORE = {
    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
  };

  /** From the first day of year 1 to that of 2000, with which PostgreSQL begins. */
  private static final int FIRST_DAY = 730_119;

  /** What a character counts as a hexadecimal digit; -1 for one that is none. */
  private static final byte[] DIGITS = new byte[0x80];

  static {
    for (int c = 0; c < DIGITS.length; c++) {
      DIGITS[c] = (byte) Character.digit(c, 16);
    }
  }

  /**
   * Adds a value.
   *
   * @param literal as PostgreSQL reads it
   * @return false if it is none that is told in binary; what was added then means nothing
   */
  abstract boolean write(String literal, WireBytes into);

  /**
   * The forms of some columns as they are now. Their types have to stay so until the rows are
   * there: to another type the same bytes may be another value.
   *
   * @param table its name in SQL
   * @return empty if one of them has none
   */
  static Optional<List<BinaryForm>> of(Connection connection, String table, List<String> columns)
      throws SQLException {
    Map<String, BinaryForm> forms = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT a.attname, CASE WHEN t.typtype = 'e' THEN 'text' ELSE t.typname END
            FROM pg_attribute a
            JOIN pg_type c ON c.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE c.typtype WHEN 'd' THEN c.typbasetype ELSE c.oid END
            WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped
              AND (t.typtype = 'e' OR t.typnamespace = 'pg_catalog'::regnamespace)
            """)) {
      statement.setString(1, table);
      ResultSet rows = statement.executeQuery();
      while (rows.next()) {
        forms.put(rows.getString(1), ofType(rows.getString(2)));
      }
    }
    List<BinaryForm> all = new ArrayList<>();
    for (String column : columns) {
      BinaryForm form = forms.get(column);
      if (form == null) {
        return Optional.empty();
      }
      all.add(form);
    }
    return Optional.of(all);
  }

  /** The form of one of PostgreSQL's own types; null if none is known. */
  private static BinaryForm ofType(String name) {
    return switch (name) {
      case "text", "varchar", "bpchar", "json" -> TEXT;
      case "jsonb" -> JSONB;
      case "uuid" -> UUID;
      case "bytea" -> BYTES;
      case "bool" -> BOOLEAN;
      case "int2" -> SMALLINT;
      case "int4" -> INTEGER;
      case "int8" -> BIGINT;
      case "float4" -> REAL;
      case "float8" -> DOUBLE;
      case "date" -> DATE;
      case "timestamptz" -> INSTANT;
      case "timestamp" -> LOCAL_TIMESTAMP;
      default -> null;
    };
  }

  /** At most 15 digits; less than 0 if there is anything else. */
  private static long hexadecimal(String text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c < DIGITS.length ? DIGITS[c] : -1;
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static long integer(String text) {
    int first = text.startsWith("-") ? 1 : 0;
    int digits = text.length() - first;
    boolean isTooLong =
        digits > LARGEST.length()
            || (digits == LARGEST.length() && text.substring(first).compareTo(LARGEST) > 0);
    if (digits < 1 || isTooLong) {
      return UNREADABLE;
    }
    long value = number(text, first, text.length());
    return value < 0 ? UNREADABLE : first == 1 ? -value : value;
  }

  /** -1 if there is anything but digits. */
  private static long number(String text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = 10 * value + digit;
    }
    return value;
  }

  /** Whether it is a plain number; what is not, or may be out of range, is left to the server. */
  private static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  /** Whether nothing but a zero can be meant, not one that a number became for want of digits. */
  private static boolean isZero(String text) {
    return ZERO.matcher(text).matches();
  }

  /** Microseconds since the first day of {@code 2026-01-31T08:30:00.500000}. */
  private static long time(String text) {
    long day = day(text);
    long hour = number(text, 11, 13);
    long minute = number(text, 14, 16);
    long second = number(text, 17, 19);
    long micros = number(text, 20, 26);
    boolean isTime =
        text.charAt(10) == 'T'
            && text.charAt(13) == ':'
            && text.charAt(16) == ':'
            && text.charAt(19) == '.'
            && (hour | minute | second | micros) >= 0
            && hour < 24
            && minute < 60
            && second < 60;
    return day == UNREADABLE || !isTime
        ? UNREADABLE
        : (((day * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros;
  }

  /** Days since the first one of {@code 2026-01-31} with whatever follows it. */
  private static long day(String text) {
    int year = (int) number(text, 0, 4);
    int month = (int) number(text, 5, 7);
    int day = (int) number(text, 8, 10);
    if (text.charAt(4) != '-' || text.charAt(7) != '-' || year < 1 || month < 1 || month > 12) {
      return UNREADABLE;
    }
    boolean isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int last = DAYS_BEFORE[month] - DAYS_BEFORE[month - 1] + (isLeapYear && month == 2 ? 1 : 0);
    if (day < 1 || day > last) {
      return UNREADABLE;
    }
    int before = year - 1;
    long years = 365L * before + before / 4 - before / 100 + before / 400;
    return years + DAYS_BEFORE[month - 1] + (isLeapYear && month > 2 ? 1 : 0) + day - 1 - FIRST_DAY;
  }
}
