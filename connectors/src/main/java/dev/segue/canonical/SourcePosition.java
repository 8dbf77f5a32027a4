package dev.segue.canonical;

import java.util.Comparator;
import java.util.HexFormat;

/**
 * A place in the order in which a source's changes became true. PostgreSQL delivers transactions in
 * commit order while the addresses of their changes interleave, and several rows of one statement
 * share an address; so a place is the commit of the transaction before, then the change's own
 * address, then its ordinal inside the transaction.
 *
 * @param after commit position of the transaction before, or where the stream was started
 * @param address the change's own position in the log
 * @param ordinal which change of its transaction, from 1; 0 where the feed does not tell
 */
public record SourcePosition(long after, long address, int ordinal)
    implements Comparable<SourcePosition> {
  /** Before everything. */
  public static final SourcePosition START = new SourcePosition(0, 0, 0);

  private static final HexFormat DIGITS = HexFormat.of().withUpperCase();

  private static final Comparator<SourcePosition> ORDER =
      (left, right) -> {
        int order = Long.compareUnsigned(left.after, right.after);
        if (order == 0) {
          order = Long.compareUnsigned(left.address, right.address);
        }
        return order == 0 ? Integer.compare(left.ordinal, right.ordinal) : order;
      };

  @Override
  public int compareTo(SourcePosition other) {
    return ORDER.compare(this, other);
  }

  public boolean isBefore(SourcePosition other) {
    return compareTo(other) < 0;
  }

  /** The place right behind this one. */
  public SourcePosition next() {
    return new SourcePosition(after, address, ordinal + 1);
  }

  /** The place right before this one. */
  public SourcePosition previous() {
    return new SourcePosition(after, address, ordinal - 1);
  }

  /** Reads what {@link #toString} wrote. */
  public static SourcePosition parse(String text) {
    int plus = text.indexOf('+');
    int hash = text.indexOf('#', plus + 1);
    if (plus < 0 || hash < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a source position; expected for example 0/16B3748+0/16B3800#3");
    }
    return new SourcePosition(
        parseLog(text, 0, plus),
        parseLog(text, plus + 1, hash),
        Integer.parseInt(text, hash + 1, text.length(), 10));
  }

  /** Reads a log address such as {@code 0/16B3748}. */
  public static long parseLog(String text) {
    return parseLog(text, 0, text.length());
  }

  private static long parseLog(String text, int from, int to) {
    int slash = text.indexOf('/', from);
    if (slash < 0 || slash >= to) {
      throw new IllegalArgumentException(
          "'"
              + text.substring(from, to)
              + "' is not a log position; expected for example 0/16B3748");
    }
    return (Long.parseLong(text, from, slash, 16) << 32) | Long.parseLong(text, slash + 1, to, 16);
  }

  /** Writes a log address the way PostgreSQL does. */
  public static String formatLog(long address) {
    return formatLog(address, new StringBuilder(17)).toString();
  }

  private static StringBuilder formatLog(long address, StringBuilder text) {
    return hex(address & 0xFFFF_FFFFL, hex(address >>> 32, text).append('/'));
  }

  private static StringBuilder hex(long number, StringBuilder text) {
    int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(number)) / 4);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      text.append(DIGITS.toLowHexDigit((int) (number >>> shift)));
    }
    return text;
  }

  @Override
  public String toString() {
    StringBuilder text = formatLog(after, new StringBuilder(48)).append('+');
    return formatLog(address, text).append('#').append(ordinal).toString();
  }
}
