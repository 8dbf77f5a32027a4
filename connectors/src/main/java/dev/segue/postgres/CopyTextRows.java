package dev.segue.postgres;

/** Rows in COPY's text format: a line a row, tabs between columns, {@code \N} for null. */
final class CopyTextRows extends CopyRows {
  private static final byte[] NOTHING = {};
  private static final byte[] ESCAPES = new byte[0x80];

  static {
    ESCAPES['\\'] = '\\';
    ESCAPES['\t'] = 't';
    ESCAPES['\n'] = 'n';
    ESCAPES['\r'] = 'r';
  }

  @Override
  String options() {
    return "";
  }

  @Override
  byte[] header() {
    return NOTHING;
  }

  @Override
  byte[] trailer() {
    return NOTHING;
  }

  @Override
  void begin(int columns) {}

  @Override
  boolean value(int column, String literal) {
    if (column > 0) {
      bytes.put('\t');
    }
    if (literal == null) {
      bytes.put('\\');
      bytes.put('N');
    } else {
      bytes.putText(literal, ESCAPES);
    }
    return true;
  }

  @Override
  void finish() {
    bytes.put('\n');
  }
}
