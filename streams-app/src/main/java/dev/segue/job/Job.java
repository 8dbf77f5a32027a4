package dev.segue.job;

import java.util.List;
import java.util.Objects;

/**
 * A piece of work, as of one moment.
 *
 * @param kind what was asked for
 * @param state {@code waiting}, {@code running}, {@code done} or {@code failed}
 * @param lines what was told of it so far
 * @param result what came of it; null until it is done
 * @param failure why it failed; null unless it did
 */
public record Job(
    String id,
    String kind,
    String requestedBy,
    String state,
    List<String> lines,
    Object result,
    Failure failure) {
  public Job {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(state, "state");
    lines = List.copyOf(lines);
  }

  /**
   * Why a piece of work failed.
   *
   * @param refused whether nothing was done because something is in the way
   * @param remedy what to do about it; may be empty
   */
  public record Failure(boolean refused, String message, String remedy) {}

  /** Whether it has ended. */
  public boolean isOver() {
    return state.equals("done") || state.equals("failed");
  }
}
