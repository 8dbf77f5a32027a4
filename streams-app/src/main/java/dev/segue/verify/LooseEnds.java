package dev.segue.verify;

import dev.segue.canonical.Entity;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The references between rows of one session of which only one end was seen so far. Pairs are
 * forgotten when they meet, and more than a few ends are not kept at all, so it does not grow with
 * the session. What seems to be missing may be there after all: {@link Integrity} tells.
 */
final class LooseEnds {
  private static final int MOST = 16;

  private final Set<Long> offered = new HashSet<>();
  private final Set<Long> wanted = new HashSet<>();
  private boolean unsure;

  void add(References references, Entity entity) {
    references.offered(entity, end -> offer(hash(end)));
    references.wanted(entity, end -> want(hash(end)));
  }

  private void offer(long end) {
    if (!wanted.remove(end)) {
      offered.add(end);
      if (offered.size() > MOST) {
        // Whoever still wants one of them only seems to lack it.
        offered.clear();
      }
    }
  }

  private void want(long end) {
    if (!unsure && !offered.remove(end)) {
      wanted.add(end);
      if (wanted.size() > MOST) {
        unsure = true;
        wanted.clear();
      }
    }
  }

  private static long hash(String end) {
    return RowDigest.of(end).low();
  }

  void add(LooseEnds later) {
    unsure |= later.unsure;
    later.offered.forEach(this::offer);
    later.wanted.forEach(this::want);
  }

  /** Whether something may be referred to that is not there. */
  boolean isAnythingMissing() {
    return unsure || !wanted.isEmpty();
  }

  boolean isEmpty() {
    return !unsure && wanted.isEmpty() && offered.isEmpty();
  }

  void write(DataOutput out) throws IOException {
    out.writeBoolean(unsure);
    for (Set<Long> ends : List.of(offered, wanted)) {
      out.writeByte(ends.size());
      for (long end : ends) {
        out.writeLong(end);
      }
    }
  }

  static LooseEnds read(DataInput in) throws IOException {
    LooseEnds ends = new LooseEnds();
    ends.unsure = in.readBoolean();
    for (Set<Long> some : List.of(ends.offered, ends.wanted)) {
      for (int left = in.readByte(); left > 0; left--) {
        some.add(in.readLong());
      }
    }
    return ends;
  }
}
