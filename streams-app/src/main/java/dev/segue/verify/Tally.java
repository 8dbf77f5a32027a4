package dev.segue.verify;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.spi.SessionSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One session's rows on both sides, as counts and sums of digests by kind. A sum does not depend on
 * the order of reading; the order of a transcript is in the rows themselves.
 */
final class Tally {
  private final Map<Kind, DigestSum> source = new EnumMap<>(Kind.class);
  private final Map<Kind, DigestSum> target = new EnumMap<>(Kind.class);
  private String sourceId;
  private boolean unmappable;
  private boolean touched;
  private boolean summedElsewhere;
  private LooseEnds ends;

  /** A row that the target should hold. */
  synchronized void expect(Kind kind, RowDigest digest) {
    source.computeIfAbsent(kind, unused -> new DigestSum()).add(digest);
  }

  /** Rows that the target should hold. */
  synchronized void expect(Kind kind, SessionSum sum) {
    source.computeIfAbsent(kind, unused -> new DigestSum()).add(sum);
    summedElsewhere = true;
  }

  /** Rows that the target holds. */
  synchronized void find(Kind kind, SessionSum sum) {
    target.computeIfAbsent(kind, unused -> new DigestSum()).add(sum);
    summedElsewhere = true;
  }

  /** A row that the target holds. */
  synchronized void find(Kind kind, RowDigest digest) {
    target.computeIfAbsent(kind, unused -> new DigestSum()).add(digest);
  }

  /** Remembers what a row of the source says of others. */
  synchronized void refer(References references, Entity entity) {
    LooseEnds all = ends == null ? new LooseEnds() : ends;
    all.add(references, entity);
    ends = all.isEmpty() ? null : all;
  }

  /** Whether a row of the source may refer to one that is not there. */
  synchronized boolean isAnythingMissing() {
    return touched || (ends != null && ends.isAnythingMissing());
  }

  /** The source was seen to change it after some of it was read. */
  synchronized void touch() {
    touched = true;
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
    return source.values().stream().mapToLong(DigestSum::count).sum()
        + target.values().stream().mapToLong(DigestSum::count).sum();
  }

  /** Whether the source has rows of it, but not the session itself. */
  synchronized boolean isOrphaned() {
    return !unmappable && !touched && !source.isEmpty() && !source.containsKey(Kind.SESSION);
  }

  synchronized boolean agrees() {
    return !unmappable && !touched && source.equals(target);
  }

  /**
   * Of what the target should hold, as {@link SessionRows#digest} of the same rows; one that cannot
   * be held against it, because systems summed up rows themselves, says so.
   */
  synchronized String digest() {
    DigestSum all = new DigestSum();
    source.values().forEach(all::add);
    return summedElsewhere ? "db-" + all : all.toString();
  }

  /** Adds what was read elsewhere of the same session. */
  synchronized void add(Tally other) {
    other.source.forEach(
        (kind, sum) -> source.computeIfAbsent(kind, k -> new DigestSum()).add(sum));
    other.target.forEach(
        (kind, sum) -> target.computeIfAbsent(kind, k -> new DigestSum()).add(sum));
    sourceId = other.sourceId == null ? sourceId : other.sourceId;
    unmappable |= other.unmappable;
    touched |= other.touched;
    summedElsewhere |= other.summedElsewhere;
    if (other.ends != null) {
      LooseEnds all = ends == null ? new LooseEnds() : ends;
      all.add(other.ends);
      ends = all.isEmpty() ? null : all;
    }
  }

  /** For {@link PassLog}. */
  void write(DataOutput out) throws IOException {
    out.writeBoolean(unmappable);
    out.writeBoolean(summedElsewhere);
    out.writeBoolean(sourceId != null);
    if (sourceId != null) {
      PassLog.writeText(out, sourceId);
    }
    for (Map<Kind, DigestSum> side : List.of(source, target)) {
      out.writeByte(side.size());
      for (Map.Entry<Kind, DigestSum> sum : side.entrySet()) {
        out.writeUTF(sum.getKey().wireName());
        sum.getValue().write(out);
      }
    }
    (ends == null ? new LooseEnds() : ends).write(out);
  }

  static Tally read(DataInput in) throws IOException {
    Tally tally = new Tally();
    tally.unmappable = in.readBoolean();
    tally.summedElsewhere = in.readBoolean();
    tally.sourceId = in.readBoolean() ? PassLog.readText(in) : null;
    for (Map<Kind, DigestSum> side : List.of(tally.source, tally.target)) {
      for (int left = in.readByte(); left > 0; left--) {
        Kind kind = Kind.of(in.readUTF()).orElseThrow(IOException::new);
        side.put(kind, DigestSum.read(in));
      }
    }
    LooseEnds ends = LooseEnds.read(in);
    tally.ends = ends.isEmpty() ? null : ends;
    return tally;
  }
}
