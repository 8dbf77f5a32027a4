package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.segue.ownership.Owner;
import java.util.List;

/**
 * How one slice was moved.
 *
 * @param id names the move, its fence and its barrier
 * @param outcome {@code done} or {@code aborted}
 * @param reason why it was taken back
 * @param slots how many hash slots
 * @param sessions how many sessions that exist
 * @param keptBack sessions of the slots that stay where they are
 * @param provenStill of the sessions, those that were compared once more while they were fenced
 * @param pauseMs how long writers were refused; -1 if they never were
 * @param digest of all its sessions as they were last compared, 32 hexadecimal digits; null if they
 *     were not
 * @param positions how far each partition was when the barrier had passed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MoveReport(
    String id,
    Owner to,
    String outcome,
    String reason,
    int slots,
    int sessions,
    List<String> keptBack,
    int provenStill,
    long pauseMs,
    String digest,
    Timings timings,
    String startedAt,
    List<String> positions) {
  public MoveReport {
    keptBack = List.copyOf(keptBack);
    positions = List.copyOf(positions);
  }

  /** Milliseconds of each step; -1 for steps that were not reached. */
  public record Timings(long surveyMs, long fenceMs, long drainMs, long parityMs, long switchMs) {}

  /** Whether the slice has a new owner. */
  public boolean isDone() {
    return outcome.equals("done");
  }
}
