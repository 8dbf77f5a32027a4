package dev.segue.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows of one table as COPY takes them, as bytes that are sent together; any range of them can be.
 */
abstract sealed class CopyRows permits CopyTextRows, CopyBinaryRows {
  private static final int SHORTEST = 1 << 16;

  /** So much goes into one message of the protocol. */
  private static final int MESSAGE = 1 << 16;

  private byte[] bytes = new byte[SHORTEST];
  private int[] ends = new int[256];
  private int length;
  private int rows;

  /**
   * In COPY's binary format, which a server reads in little more than half the time, if it can be.
   */
  static CopyRows of(Optional<List<BinaryForm>> forms) {
    return forms.isPresent() ? new CopyBinaryRows(forms.get()) : new CopyTextRows();
  }

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

  /**
   * Adds a row.
   *
   * @param literals its values as PostgreSQL reads them; null for NULL
   * @return false if one of them cannot be told so; nothing is added then
   */
  boolean add(String[] literals) {
    int start = length;
    begin(literals.length);
    for (int i = 0; i < literals.length; i++) {
      if (!value(i, literals[i])) {
        length = start;
        return false;
      }
    }
    finish();
    if (rows == ends.length) {
      ends = Arrays.copyOf(ends, 2 * rows);
    }
    ends[rows++] = length;
    return true;
  }

  /** What COPY is told about the format. */
  abstract String options();

  /** What stands before all rows. */
  abstract byte[] header();

  /** What stands behind all rows. */
  abstract byte[] trailer();

  /** Opens a row. */
  abstract void begin(int columns);

  /**
   * Adds one column's value to the row that is being built.
   *
   * @return whether it could be told
   */
  abstract boolean value(int column, String literal);

  /** Closes the row. */
  abstract void finish();

  /**
   * Sends some rows.
   *
   * @param into the table's name in SQL, with the columns
   * @param to the first that is not sent
   */
  final void send(Connection connection, String into, int from, int to) throws SQLException {
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY " + into + " FROM STDIN" + options());
    try {
      copy.writeToCopy(header(), 0, header().length);
      int at = from == 0 ? 0 : ends[from - 1];
      int end = ends[to - 1];
      while (at < end) {
        int some = Math.min(MESSAGE, end - at);
        copy.writeToCopy(bytes, at, some);
        at += some;
      }
      copy.writeToCopy(trailer(), 0, trailer().length);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  /** The bytes of all rows. */
  final byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  final void put(int b) {
    room(1);
    bytes[length++] = (byte) b;
  }

  final void putShort(int value) {
    put(value >> Byte.SIZE);
    put(value);
  }

  final void putInt(int value) {
    room(Integer.BYTES);
    setInt(length, value);
    length += Integer.BYTES;
  }

  final void putLong(long value) {
    putInt((int) (value >> Integer.SIZE));
    putInt((int) value);
  }

  /** Overwrites four bytes. */
  final void setInt(int at, int value) {
    bytes[at] = (byte) (value >> 24);
    bytes[at + 1] = (byte) (value >> 16);
    bytes[at + 2] = (byte) (value >> 8);
    bytes[at + 3] = (byte) value;
  }

  /**
   * Adds a text in UTF-8.
   *
   * @param escapes what stands behind a backslash in place of each of the first 128 characters; 0
   *     for one that stays as it is
   */
  final void putText(String value, byte[] escapes) {
    // No character needs more than three bytes, and a pair of surrogates needs four.
    room(value.length() * 3);
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
