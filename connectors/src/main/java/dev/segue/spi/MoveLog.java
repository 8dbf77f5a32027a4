package dev.segue.spi;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Slice;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The moves of slices between the two sides, kept beside the ledger. */
public interface MoveLog {
  /**
   * One move.
   *
   * @param id made at random; names its fence and its barrier
   * @param to the side that is to own the slice
   * @param state the last step that was taken
   * @param detail what became of it, in words
   * @param requestedBy who asked for it
   * @param startedAt RFC 3339
   * @param report what was measured, as JSON; null until it has ended
   */
  record Entry(
      String id,
      Owner to,
      Slice slice,
      String state,
      String detail,
      String requestedBy,
      String startedAt,
      String report) {
    public Entry {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(to, "to");
      Objects.requireNonNull(slice, "slice");
      Objects.requireNonNull(state, "state");
    }
  }

  /** Writes down what is intended, before anything is done. */
  void begin(String id, Owner to, Slice slice, String requestedBy);

  /**
   * Goes from one step to the next, and journals it.
   *
   * @return false if the move is not at that step: somebody else has taken it on
   */
  boolean enter(String id, String from, String to, String detail);

  /** Goes to the last step, with what was measured; else as {@link #enter}. */
  boolean end(String id, String from, String to, String detail, String report);

  /** The move that has not ended. */
  Optional<Entry> open();

  /** The last moves, newest first. */
  List<Entry> last(int most);
}
