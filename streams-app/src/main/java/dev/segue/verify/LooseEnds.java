package dev.segue.verify;

import dev.segue.canonical.Entity;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * The references between rows of one session of which only one end was seen so far. Pairs are
 * forgotten when they meet, so what is kept does not grow with the session. An id that comes twice
 * can leave an end that is none: {@link Integrity} tells.
 */
final class LooseEnds {
  private final Set<Long> offered = new HashSet<>();
  private final Set<Long> wanted = new HashSet<>();

  void add(References references, Entity entity) {
    references.offered(entity, end -> meet(hash(end), wanted, offered));
    references.wanted(entity, end -> meet(hash(end), offered, wanted));
  }

  private static void meet(long end, Set<Long> others, Set<Long> own) {
    if (!others.remove(end)) {
      own.add(end);
    }
  }

  private static long hash(String end) {
    return RowDigest.of(end).low();
  }

  void add(LooseEnds later) {
    later.offered.forEach(end -> meet(end, wanted, offered));
    later.wanted.forEach(end -> meet(end, offered, wanted));
  }

  /** Whether something is referred to that was not seen. */
  boolean isAnythingMissing() {
    return !wanted.isEmpty();
  }

  boolean isEmpty() {
    return wanted.isEmpty() && offered.isEmpty();
  }

  void write(DataOutput out) throws IOException {
    write(out, offered);
    write(out, wanted);
  }

  private static void write(DataOutput out, Set<Long> ends) throws IOException {
    out.writeInt(ends.size());
    for (long end : ends) {
      out.writeLong(end);
    }
  }

  static LooseEnds read(DataInput in) throws IOException {
    LooseEnds ends = new LooseEnds();
    for (Set<Long> some : java.util.List.of(ends.offered, ends.wanted)) {
      for (int left = in.readInt(); left > 0; left--) {
        some.add(in.readLong());
      }
    }
    return ends;
  }
}
