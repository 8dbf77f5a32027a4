package dev.segue.passage;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.SourcePosition;
import dev.segue.spi.AppliedState;
import dev.segue.spi.OffsetChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far one transaction brings each partition. All of them move from what was claimed to what is
 * reached, or none.
 */
public final class Passage {
  private final Map<Integer, AppliedState> claimed;
  private final Map<Integer, Long> next;
  private final Map<Integer, SourcePosition> reached = new HashMap<>();
  private final Map<Integer, CanonicalChange.Mark> marks = new HashMap<>();
  private final List<Barrier> barriers = new ArrayList<>();
  private final Set<Integer> blocked = new HashSet<>();

  /** A barrier that a partition has passed. */
  public record Barrier(int partition, String nonce) {}

  /**
   * @param claimed where each partition is
   * @param through for each partition that is read the offset behind the last record
   */
  public Passage(Map<Integer, AppliedState> claimed, Map<Integer, Long> through) {
    this.claimed = Map.copyOf(claimed);
    this.next = new HashMap<>(through);
  }

  /** All partitions' changes as the source made them, so that a row leaves before it arrives. */
  public static List<OffsetChange> inSourceOrder(List<OffsetChange> changes) {
    for (OffsetChange change : changes) {
      if (change.change().position().ordinal() == 0) {
        return changes;
      }
    }
    List<OffsetChange> sorted = new ArrayList<>(changes);
    sorted.sort(Comparator.comparing(change -> change.change().position()));
    return sorted;
  }

  /** The offset at which a partition began. */
  public long begin(int partition) {
    return claimed.get(partition).nextOffset();
  }

  /** The next offset of each partition. */
  public Map<Integer, Long> next() {
    return Map.copyOf(next);
  }

  /** What the ledger says of each partition once this is committed. */
  public Map<Integer, AppliedState> states() {
    Map<Integer, AppliedState> states = new HashMap<>(claimed);
    next.keySet().forEach(partition -> states.put(partition, advanced(partition)));
    return states;
  }

  /**
   * Whether the change comes a second time, as after a topology that began anew. A feed without
   * ordinals does not tell.
   */
  public boolean isHistory(OffsetChange change) {
    SourcePosition position = change.change().position();
    return position.ordinal() > 0 && position.isBefore(claimed.get(change.partition()).reached());
  }

  /** Whether its partition was stopped before. */
  public boolean isBlocked(OffsetChange change) {
    return blocked.contains(change.partition());
  }

  /** The change is applied, or needs nothing. */
  public void passed(OffsetChange change) {
    if (!isHistory(change)) {
      reached.put(change.partition(), change.change().position().next());
    }
  }

  /** A partition came to a mark. */
  public void passed(int partition, CanonicalChange.Mark mark) {
    marks.put(partition, mark);
    if (mark.nonce().startsWith("barrier-")) {
      barriers.add(new Barrier(partition, mark.nonce()));
    }
  }

  /** Stops a partition before this change: it has to wait for others. */
  public void block(OffsetChange change) {
    blocked.add(change.partition());
    next.put(change.partition(), change.offset());
    SourcePosition here = change.change().position();
    SourcePosition sofar =
        reached.getOrDefault(change.partition(), claimed.get(change.partition()).reached());
    reached.put(change.partition(), sofar.isBefore(here) ? here : sofar);
  }

  /**
   * Whether every other partition has applied all that comes before this change.
   *
   * @param positions where all partitions are, those of other sinks too
   */
  public static boolean othersReached(Map<Integer, SourcePosition> positions, OffsetChange change) {
    return othersAre(positions, change, 0);
  }

  /** Whether every other partition has applied this change's position too. */
  public static boolean othersPassed(Map<Integer, SourcePosition> positions, OffsetChange change) {
    return othersAre(positions, change, 1);
  }

  private static boolean othersAre(
      Map<Integer, SourcePosition> positions, OffsetChange change, int least) {
    for (Map.Entry<Integer, SourcePosition> other : positions.entrySet()) {
      int order = Integer.signum(other.getValue().compareTo(change.change().position()));
      if (other.getKey() != change.partition() && order < least) {
        return false;
      }
    }
    return true;
  }

  /** Whether the first partition, which does what is done once, has gone beyond this change. */
  public static boolean firstPassed(Map<Integer, SourcePosition> positions, OffsetChange change) {
    return positions.get(0).compareTo(change.change().position()) > 0;
  }

  /** The partitions that are brought on, in their order. */
  public List<Integer> partitions() {
    return next.keySet().stream().sorted().toList();
  }

  /** Where a partition was when this began. */
  public AppliedState claimed(int partition) {
    return claimed.get(partition);
  }

  /** The barriers that are passed. */
  public List<Barrier> barriers() {
    return List.copyOf(barriers);
  }

  /** Where a partition is once this is committed. */
  public AppliedState advanced(int partition) {
    AppliedState was = claimed.get(partition);
    CanonicalChange.Mark mark = marks.get(partition);
    return new AppliedState(
        partition,
        was.epoch(),
        next.get(partition),
        reached.getOrDefault(partition, was.reached()),
        mark == null ? was.mark() : mark.nonce(),
        mark == null ? was.markSentAt() : mark.sentAt(),
        mark == null ? was.markLog() : mark.position().address());
  }
}
