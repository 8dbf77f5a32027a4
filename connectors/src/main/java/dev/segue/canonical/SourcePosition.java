package dev.segue.canonical;

import java.util.Comparator;

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
        parseLog(text.substring(0, plus)),
        parseLog(text.substring(plus + 1, hash)),
        Integer.parseInt(text.substring(hash + 1)));
  }

  /** Reads a log address such as {@code 0/16B3748}. */
  public static long parseLog(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a log position; expected for example 0/16B3748");
    }
    return (Long.parseLong(text.substring(0, slash), 16) << 32)
        | Long.parseLong(text.substring(slash + 1), 16);
  }

  /** Writes a log address the way PostgreSQL does. */
  public static String formatLog(long address) {
    return Long.toHexString(address >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(address & 0xFFFF_FFFFL).toUpperCase(java.util.Locale.ROOT);
  }

  @Override
  public String toString() {
    return formatLog(after) + "+" + formatLog(address) + "#" + ordinal;
  }
}
