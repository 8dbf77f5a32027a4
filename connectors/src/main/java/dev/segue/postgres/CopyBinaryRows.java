package dev.segue.postgres;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Rows in COPY's binary format: the number of columns, then of each its length in bytes, -1 for
 * null, and its value as the type's own receive function reads it. <a
 * href="https://www.postgresql.org/docs/current/sql-copy.html">Documented</a> since 7.4.
 */
final class CopyBinaryRows extends CopyRows {
  /** Eleven bytes of signature, no flags, no further header. */
  private static final byte[] HEADER =
      "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  /** In place of a row's number of columns. */
  private static final byte[] TRAILER = {-1, -1};

  private static final int NULL = -1;

  private final BinaryForm[] forms;

  CopyBinaryRows(List<BinaryForm> forms) {
    this.forms = forms.toArray(BinaryForm[]::new);
  }

  @Override
  String options() {
    return " (FORMAT binary)";
  }

  @Override
  byte[] header() {
    return HEADER;
  }

  @Override
  byte[] trailer() {
    return TRAILER;
  }

  @Override
  void begin(int columns) {
    bytes.putShort(columns);
  }

  @Override
  boolean value(int column, String literal) {
    if (literal == null) {
      bytes.putInt(NULL);
      return true;
    }
    int start = bytes.length();
    bytes.putInt(0);
    if (!forms[column].write(literal, bytes)) {
      return false;
    }
    bytes.setInt(start, bytes.length() - start - Integer.BYTES);
    return true;
  }

  @Override
  void finish() {}
}
