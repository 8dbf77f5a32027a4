package dev.segue.redis;

import dev.segue.canonical.SourcePosition;
import dev.segue.passage.Passage;
import dev.segue.spi.AppliedState;
import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisFuture;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How far each partition is, in the ledger's hash. */
final class AppliedHash {
  private final OwnKeys own;

  AppliedHash(OwnKeys own) {
    this.own = own;
  }

  /**
   * Reads it.
   *
   * @throws SystemFault of a permanent nature if the migration is not there
   */
  Map<Integer, AppliedState> read(Transactions transactions, String where) {
    RedisFuture<Long> known = transactions.commands().exists(own.itself());
    RedisFuture<Map<byte[], byte[]>> asked = transactions.commands().hgetall(own.applied());
    Map<Integer, AppliedState> states = new HashMap<>();
    transactions
        .await(asked, "reading the ledger")
        .forEach(
            (partition, text) -> {
              int number = Integer.parseInt(Bytes.text(partition));
              states.put(number, AppliedState.ofLine(number, Bytes.text(text)));
            });
    if (transactions.await(known, "reading the ledger") == 0 || states.isEmpty()) {
      throw SystemFault.permanent(
          where
              + " does not know migration '"
              + own.migration()
              + "' any more: it lost its data, or it is another server",
          "restore it; or start over: give the migration a new name, and empty the keys of its layout");
    }
    return states;
  }

  /**
   * Whether the partitions of a batch are where they were claimed and brought.
   *
   * @throws SystemFault FENCED if somebody else claimed one; TRANSIENT if the server is where it
   *     was before, because it lost what it had not written to its disk: claim and go on from there
   */
  void check(Map<Integer, AppliedState> claimed, Map<Integer, AppliedState> now, Passage passage) {
    for (int partition : passage.partitions()) {
      AppliedState was = claimed.get(partition);
      AppliedState is = now.get(partition);
      if (is != null && is.epoch() > was.epoch()) {
        throw SystemFault.fenced("another sink took over the partitions of this one");
      }
      if (!was.equals(is)) {
        throw SystemFault.passing(
            "partition "
                + partition
                + " is behind where it was brought: the server lost what it had not written to its"
                + " disk; the sink goes on from there",
            null);
      }
    }
  }

  /** Where all partitions are. */
  static Map<Integer, SourcePosition> positions(Map<Integer, AppliedState> states) {
    Map<Integer, SourcePosition> positions = new HashMap<>();
    states.forEach((partition, state) -> positions.put(partition, state.reached()));
    return positions;
  }

  /** The commands that write it. */
  List<Transactions.Command> write(Collection<AppliedState> states) {
    Map<String, String> texts = new HashMap<>();
    states.forEach(state -> texts.put(Integer.toString(state.partition()), state.line()));
    return List.of(commands -> commands.hset(own.applied(), Fields.of(texts)));
  }
}
