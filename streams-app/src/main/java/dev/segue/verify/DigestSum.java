package dev.segue.verify;

import dev.segue.spi.SessionSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Locale;

/** So many digests, added up: the same whatever their order. */
public final class DigestSum {
  private long count;
  private long high;
  private long low;

  void add(RowDigest digest) {
    add(1, digest.high(), digest.low());
  }

  void add(DigestSum other) {
    add(other.count, other.high, other.low);
  }

  /** Adds what a system summed up itself. */
  void add(SessionSum sum) {
    add(sum.rows(), sum.high(), sum.low());
  }

  /** Adds the digest of a text. */
  public void add(String text) {
    add(RowDigest.of(text));
  }

  private void add(long more, long moreHigh, long moreLow) {
    low += moreLow;
    boolean carry = Long.compareUnsigned(low, moreLow) < 0;
    high += moreHigh + (carry ? 1 : 0);
    count += more;
  }

  /** How many digests were added. */
  long count() {
    return count;
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(count);
    out.writeLong(high);
    out.writeLong(low);
  }

  static DigestSum read(DataInput in) throws IOException {
    DigestSum sum = new DigestSum();
    sum.count = in.readLong();
    sum.high = in.readLong();
    sum.low = in.readLong();
    return sum;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DigestSum that
        && count == that.count
        && high == that.high
        && low == that.low;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(low);
  }

  /** The sum, 32 hexadecimal digits. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%016x%016x", high, low);
  }
}
