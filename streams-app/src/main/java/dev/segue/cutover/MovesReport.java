package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.segue.ownership.Owner;
import dev.segue.status.PauseMs;
import java.util.List;
import java.util.Map;

/**
 * What came of a cutover or a rollback.
 *
 * @param outcome {@code done}, {@code aborted}, {@code nothing to do} or {@code dry run}
 * @param reason why it was aborted
 * @param sessions how many that exist were moved
 * @param pauseMs how long writers of a slice were refused, over all slices
 * @param keptBack sessions that stay where they are, and why
 * @param numbers what was done to keep the numbers of both sides apart
 * @param slices each of them
 * @param gate for a dry run, whether it would begin
 * @param wouldDo the steps, for a dry run
 * @param owned the share of all hash slots that each side owns now
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MovesReport(
    String migration,
    String kind,
    String selection,
    String outcome,
    String reason,
    String requestedBy,
    long sessions,
    PauseMs pauseMs,
    Map<String, String> keptBack,
    List<String> numbers,
    List<MoveReport> slices,
    Gate gate,
    List<String> wouldDo,
    Map<Owner, Double> owned,
    List<String> nextSteps) {

  /**
   * Whether a move would begin.
   *
   * @param inTheWay what keeps it from that, each with what to do about it
   */
  public record Gate(boolean open, List<String> inTheWay) {
    public Gate {
      inTheWay = List.copyOf(inTheWay);
    }
  }
}
