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

  final WireBytes bytes = new WireBytes(SHORTEST);
  private int[] ends = new int[256];
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
    return bytes.length();
  }

  void clear() {
    bytes.cutTo(0);
    rows = 0;
  }

  /**
   * Adds a row.
   *
   * @param literals its values as PostgreSQL reads them; null for NULL
   * @return false if one of them cannot be told so; nothing is added then
   */
  boolean add(String[] literals) {
    int start = bytes.length();
    begin(literals.length);
    for (int i = 0; i < literals.length; i++) {
      if (!value(i, literals[i])) {
        bytes.cutTo(start);
        return false;
      }
    }
    finish();
    if (rows == ends.length) {
      ends = Arrays.copyOf(ends, 2 * rows);
    }
    ends[rows++] = bytes.length();
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
        bytes.sendTo(copy, at, some);
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
}
