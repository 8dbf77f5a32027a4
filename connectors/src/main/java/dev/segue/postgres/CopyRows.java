package dev.segue.postgres;

import java.util.Arrays;
import org.postgresql.copy.CopyIn;

/** Rows in COPY's text format, as bytes that are sent together; any range of them can be. */
final class CopyRows {
  private static final int SHORTEST = 1 << 16;

  /** So much goes into one message of the protocol. */
  private static final int MESSAGE = 1 << 16;

  /** What stands behind the backslash in place of a character; 0 for one that stays as it is. */
  private static final byte[] ESCAPES = new byte[0x80];

  static {
    ESCAPES['\\'] = '\\';
    ESCAPES['\t'] = 't';
    ESCAPES['\n'] = 'n';
    ESCAPES['\r'] = 'r';
  }

  private byte[] bytes = new byte[SHORTEST];
  private int[] ends = new int[256];
  private int length;
  private int rows;

  int size() {
    return rows;
  }

  /** How many bytes all rows have. */
  int length() {
    return length;
  }

  void clear() {
    length = 0;
    rows = 0;
  }

  /** What was added behind the last whole row counts for nothing. */
  void dropUnfinished() {
    length = rows == 0 ? 0 : ends[rows - 1];
  }

  /** Adds one column's value to the row that is being built; null for NULL. */
  void value(String value) {
    if (value == null) {
      room(2);
      bytes[length++] = '\\';
      bytes[length++] = 'N';
      return;
    }
    // No character needs more than three bytes, and a pair of surrogates needs four.
    room(value.length() * 3);
    byte[] to = bytes;
    int at = length;
    int end = value.length();
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      // Nearly all of them, so nothing else is in their way.
      while (c < 0x80 && ESCAPES[c] == 0) {
        to[at++] = (byte) c;
        if (++i == end) {
          length = at;
          return;
        }
        c = value.charAt(i);
      }
      if (c < 0x80) {
        to[at++] = '\\';
        to[at++] = ESCAPES[c];
      } else if (c < 0x800) {
        to[at++] = (byte) (0xC0 | (c >> 6));
        to[at++] = (byte) (0x80 | (c & 0x3F));
      } else if (i + 1 < end && Character.isSurrogatePair(c, value.charAt(i + 1))) {
        int point = Character.toCodePoint(c, value.charAt(++i));
        to[at++] = (byte) (0xF0 | (point >> 18));
        to[at++] = (byte) (0x80 | ((point >> 12) & 0x3F));
        to[at++] = (byte) (0x80 | ((point >> 6) & 0x3F));
        to[at++] = (byte) (0x80 | (point & 0x3F));
      } else {
        // Half of a pair becomes bytes that the target refuses, rather than a question mark.
        to[at++] = (byte) (0xE0 | (c >> 12));
        to[at++] = (byte) (0x80 | ((c >> 6) & 0x3F));
        to[at++] = (byte) (0x80 | (c & 0x3F));
      }
    }
    length = at;
  }

  /** Parts two columns. */
  void tab() {
    room(1);
    bytes[length++] = '\t';
  }

  /** Ends the row. */
  void end() {
    room(1);
    bytes[length++] = '\n';
    if (rows == ends.length) {
      ends = Arrays.copyOf(ends, 2 * rows);
    }
    ends[rows++] = length;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  /** Sends some rows; {@code to} is the first that is not sent. */
  void send(CopyIn copy, int from, int to) throws java.sql.SQLException {
    int at = from == 0 ? 0 : ends[from - 1];
    int end = ends[to - 1];
    while (at < end) {
      int some = Math.min(MESSAGE, end - at);
      copy.writeToCopy(bytes, at, some);
      at += some;
    }
  }

  /** The bytes of all rows. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
