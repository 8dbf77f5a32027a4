package dev.segue.postgres;

import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.copy.CopyIn;

/**
 * Bytes as PostgreSQL's protocol has them: numbers with the highest byte first, texts in UTF-8.
 * They take the room that they need.
 */
final class WireBytes {
  /** No character is escaped. */
  private static final byte[] PLAIN = new byte[0x80];

  /** No character has more in UTF-8; a pair of surrogates has four together. */
  private static final int MOST_OF_A_CHARACTER = 3;

  private byte[] bytes;
  private int length;

  /**
   * @param expected how many there may be
   */
  WireBytes(int expected) {
    bytes = new byte[expected];
  }

  int length() {
    return length;
  }

  /** Forgets what was added after there were so many. */
  void cutTo(int earlier) {
    length = earlier;
  }

  /** All of them. What is changed afterwards may change there too. */
  byte[] take() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  /** Sends some of them. */
  void sendTo(CopyIn copy, int from, int count) throws SQLException {
    copy.writeToCopy(bytes, from, count);
  }

  void put(int b) {
    room(1);
    bytes[length++] = (byte) b;
  }

  void putShort(int value) {
    put(value >> Byte.SIZE);
    put(value);
  }

  void putInt(int value) {
    room(Integer.BYTES);
    setInt(length, value);
    length += Integer.BYTES;
  }

  void putLong(long value) {
    putInt((int) (value >> Integer.SIZE));
    putInt((int) value);
  }

  /** Overwrites four bytes. */
  void setInt(int at, int value) {
    bytes[at] = (byte) (value >> 24);
    bytes[at + 1] = (byte) (value >> 16);
    bytes[at + 2] = (byte) (value >> 8);
    bytes[at + 3] = (byte) value;
  }

  /** Adds a text. */
  void putText(String value) {
    putText(value, PLAIN);
  }

  /**
   * Adds a text in UTF-8.
   *
   * @param escapes what stands behind a backslash in place of each of the first 128 characters; 0
   *     for one that stays as it is
   */
  void putText(String value, byte[] escapes) {
    room(value.length());
    byte[] to = bytes;
    int at = length;
    int end = value.length();
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      // Nearly all of them, so nothing else is in their way.
      while (c < 0x80 && escapes[c] == 0) {
        to[at++] = (byte) c;
        if (++i == end) {
          length = at;
          return;
        }
        c = value.charAt(i);
      }
      length = at;
      room(MOST_OF_A_CHARACTER * (end - i));
      to = bytes;
      if (c < 0x80) {
        to[at++] = '\\';
        to[at++] = escapes[c];
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

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
