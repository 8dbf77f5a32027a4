package dev.segue.postgres;

import java.nio.charset.StandardCharsets;

/**
 * Reads COPY's text format: a line a row, tabs between columns, backslash escapes, {@code \N} for
 * null. {@link CopyTextRows} writes it.
 */
final class CopyText {
  private CopyText() {}

  /**
   * The columns of one row.
   *
   * @param line one row in UTF-8, with or without the line end
   */
  static void split(byte[] line, String[] into) {
    int end = line.length;
    if (end > 0 && line[end - 1] == '\n') {
      end--;
    }
    int column = 0;
    int start = 0;
    boolean escaped = false;
    for (int i = 0; i <= end; i++) {
      if (i == end || line[i] == '\t') {
        into[column++] = value(line, start, i, escaped);
        start = i + 1;
        escaped = false;
      } else if (line[i] == '\\') {
        escaped = true;
        i++;
      }
    }
    if (column != into.length) {
      throw new IllegalStateException("COPY gave " + column + " columns, expected " + into.length);
    }
  }

  private static String value(byte[] line, int from, int to, boolean escaped) {
    if (!escaped) {
      return new String(line, from, to - from, StandardCharsets.UTF_8);
    }
    if (to - from == 2 && line[from] == '\\' && line[from + 1] == 'N') {
      return null;
    }
    byte[] plain = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      int start = i;
      while (i < to && line[i] != '\\') {
        i++;
      }
      System.arraycopy(line, start, plain, length, i - start);
      length += i - start;
      if (i < to) {
        plain[length++] = i + 1 < to ? unescape(line[++i]) : line[i];
      }
    }
    return new String(plain, 0, length, StandardCharsets.UTF_8);
  }

  private static byte unescape(byte b) {
    return switch (b) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0B;
      default -> b;
    };
  }
}
