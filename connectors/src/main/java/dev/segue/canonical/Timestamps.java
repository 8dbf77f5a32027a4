package dev.segue.canonical;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** The one spelling of an instant: {@code 2026-01-31T08:30:00.123456Z}, or an infinity. */
public final class Timestamps {
  public static final String INFINITY = "infinity";
  public static final String MINUS_INFINITY = "-infinity";

  private Timestamps() {}

  /**
   * Brings an RFC 3339 timestamp with any offset and precision into the canonical spelling.
   *
   * @throws MalformedRecordException if the text is no timestamp, or finer than a microsecond
   */
  public static String canonical(String name, String text) {
    if (isCanonical(text) || text.equals(INFINITY) || text.equals(MINUS_INFINITY)) {
      return text;
    }
    try {
      OffsetDateTime time = OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC);
      if (time.getNano() % 1000 != 0) {
        throw new MalformedRecordException("field " + name + ": finer than a microsecond");
      }
      return format(time);
    } catch (DateTimeException e) {
      throw new MalformedRecordException(
          "field " + name + ": expected a timestamp such as 2026-01-31T08:30:00.123456Z", e);
    }
  }

  /** Formats an instant of UTC; years outside 0000-9999 carry a sign. */
  public static String format(OffsetDateTime time) {
    StringBuilder text = new StringBuilder(32);
    int year = time.getYear();
    if (year < 0 || year > 9999) {
      text.append(year < 0 ? '-' : '+');
    }
    pad(text, Math.abs(year), 4).append('-');
    pad(text, time.getMonthValue(), 2).append('-');
    pad(text, time.getDayOfMonth(), 2).append('T');
    pad(text, time.getHour(), 2).append(':');
    pad(text, time.getMinute(), 2).append(':');
    pad(text, time.getSecond(), 2).append('.');
    return pad(text, time.getNano() / 1000, 6).append('Z').toString();
  }

  private static StringBuilder pad(StringBuilder text, int number, int width) {
    int unit = 1;
    for (int i = 1; i < width; i++) {
      unit *= 10;
    }
    if (number / unit >= 10) {
      return text.append(number);
    }
    for (; unit > 0; unit /= 10) {
      text.append((char) ('0' + number / unit % 10));
    }
    return text;
  }

  private static boolean isCanonical(String text) {
    return text.length() == 27
        && text.charAt(10) == 'T'
        && text.charAt(19) == '.'
        && text.charAt(26) == 'Z'
        && Character.isDigit(text.charAt(0));
  }
}
