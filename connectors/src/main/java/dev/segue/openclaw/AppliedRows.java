package dev.segue.openclaw;

import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.SystemFault;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** How far partitions are, in the ledger. */
final class AppliedRows {
  private AppliedRows() {}

  /** How far all partitions' rows are, whether the files say it yet or not. */
  static Map<Integer, AppliedState> all(BesideStore store) throws SQLException {
    Map<Integer, AppliedState> all = new HashMap<>();
    store.ask(
        "SELECT part, state FROM applied",
        row -> all.put(row.getInt(1), AppliedState.ofLine(row.getInt(1), row.getString(2))));
    return all;
  }

  static void write(BesideStore store, Collection<AppliedState> states) throws SQLException {
    for (AppliedState state : states) {
      store.change("UPDATE applied SET state = ? WHERE part = ?", state.line(), state.partition());
    }
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
