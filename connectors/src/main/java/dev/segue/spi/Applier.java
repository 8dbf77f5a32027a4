package dev.segue.spi;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Applies canonical changes to a target; used by one thread. */
public interface Applier extends AutoCloseable {
  /**
   * Takes partitions over from whoever had them.
   *
   * @return where to go on in each of them
   */
  Map<Integer, AppliedState> claim(Collection<Integer> partitions);

  /**
   * Applies a prefix of each partition's changes, together with the bookkeeping, in one
   * transaction. Whether a lost answer was a commit is looked up before this returns.
   *
   * @param changes in the order of each partition's offsets
   * @param through for each partition the offset behind the last record that was read, control
   *     records of the broker included
   * @param deadLetters takes changes of parked sessions; is flushed before the commit
   * @return the next offset of each partition; less than what {@code through} says where a change
   *     has to wait for another partition
   * @throws SystemFault of nature FENCED if a partition was claimed by somebody else
   */
  Map<Integer, Long> apply(
      List<OffsetChange> changes, Map<Integer, Long> through, DeadLetterOutlet deadLetters);

  /** Somebody else has taken sessions off those that are parked; may be called by any thread. */
  void parkingChanged();

  @Override
  void close();

  /** Where changes of parked sessions go. */
  interface DeadLetterOutlet {
    void put(OffsetChange change, String reason);

    /** Returns when everything that was put is durable. */
    void flush();
  }
}
