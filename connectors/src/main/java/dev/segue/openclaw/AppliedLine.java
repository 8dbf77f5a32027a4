package dev.segue.openclaw;

import dev.segue.canonical.SourcePosition;
import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.SystemFault;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** How far partitions are, each as one line of the ledger. */
final class AppliedLine {
  private AppliedLine() {}

  static String of(AppliedState state) {
    return state.epoch()
        + " "
        + state.nextOffset()
        + " "
        + state.reached()
        + " "
        + state.markSentAt()
        + " "
        + state.markLog()
        + " "
        + state.mark();
  }

  /** Reads what {@link #of} wrote. */
  static AppliedState read(int partition, String line) {
    String[] words = line.split(" ", 6);
    return new AppliedState(
        partition,
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        SourcePosition.parse(words[2]),
        words[5],
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }

  /** How far all partitions' rows are, whether the files say it yet or not. */
  static Map<Integer, AppliedState> all(BesideStore store) throws SQLException {
    Map<Integer, AppliedState> all = new HashMap<>();
    store.ask(
        "SELECT part, state FROM applied",
        row -> all.put(row.getInt(1), read(row.getInt(1), row.getString(2))));
    return all;
  }

  static void write(BesideStore store, Collection<AppliedState> states) throws SQLException {
    for (AppliedState state : states) {
      store.change("UPDATE applied SET state = ? WHERE part = ?", of(state), state.partition());
    }
  }

  /** The same partition, claimed once more. */
  static AppliedState withNextEpoch(AppliedState state) {
    return new AppliedState(
        state.partition(),
        state.epoch() + 1,
        state.nextOffset(),
        state.reached(),
        state.mark(),
        state.markSentAt(),
        state.markLog());
  }

  /**
   * Makes sure that the partitions of a batch are where they were claimed and brought.
   *
   * @throws SystemFault FENCED if somebody else claimed one
   */
  static void check(
      Map<Integer, AppliedState> claimed, Map<Integer, AppliedState> now, Passage passage) {
    for (int partition : passage.partitions()) {
      if (!claimed.get(partition).equals(now.get(partition))) {
        throw SystemFault.fenced("another sink took over the partitions of this one");
      }
    }
  }
}
