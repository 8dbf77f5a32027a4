package dev.segue.verify;

import dev.segue.canonical.Kind;
import java.util.EnumMap;
import java.util.Map;

/**
 * One session's rows on both sides, as counts and sums of digests by kind. A sum does not depend on
 * the order of reading; the order of a transcript is in the rows themselves.
 */
final class Tally {
  private final Map<Kind, Sum> source = new EnumMap<>(Kind.class);
  private final Map<Kind, Sum> target = new EnumMap<>(Kind.class);
  private String sourceId;
  private boolean unmappable;

  /** So many digests, added up. */
  private static final class Sum {
    private long count;
    private long high;
    private long low;

    void add(RowDigest digest) {
      low += digest.low();
      boolean carry = Long.compareUnsigned(low, digest.low()) < 0;
      high += digest.high() + (carry ? 1 : 0);
      count++;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Sum that
          && count == that.count
          && high == that.high
          && low == that.low;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(low);
    }
  }

  /** A row that the target should hold. */
  synchronized void expect(Kind kind, RowDigest digest) {
    source.computeIfAbsent(kind, unused -> new Sum()).add(digest);
  }

  /** A row that the target holds. */
  synchronized void find(Kind kind, RowDigest digest) {
    target.computeIfAbsent(kind, unused -> new Sum()).add(digest);
  }

  /** The source has a row of it that cannot be mapped. */
  synchronized void unmappable() {
    unmappable = true;
  }

  /** How the source names the session, where the target spells it otherwise. */
  synchronized void sourceId(String id) {
    sourceId = id;
  }

  synchronized String sourceId() {
    return sourceId;
  }

  /** About how many rows it takes to look at it. */
  synchronized long rows() {
    return source.values().stream().mapToLong(sum -> sum.count).sum()
        + target.values().stream().mapToLong(sum -> sum.count).sum();
  }

  /** Whether the source has rows of it, but not the session itself. */
  synchronized boolean isOrphaned() {
    return !unmappable && !source.isEmpty() && !source.containsKey(Kind.SESSION);
  }

  synchronized boolean agrees() {
    return !unmappable && source.equals(target);
  }
}
