package dev.segue.cutover;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.segue.ownership.Owner;
import java.util.List;
import java.util.Map;

/**
 * A request to move sessions, as it is sent; exactly one of the first five says which.
 *
 * @param reads whether only reads are moved
 * @param requestedBy who is to stand in the journal
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MoveOrder(
    String slice,
    List<String> sessions,
    String where,
    String idleFor,
    Boolean all,
    boolean reads,
    boolean dryRun,
    String requestedBy) {

  /**
   * The sessions that are meant.
   *
   * @throws dev.segue.spi.SystemFault saying what was expected
   */
  public Selection selection() {
    return new Selection(slice, sessions, where, idleFor, all).checked();
  }

  /** The request to give them to one side. */
  public MoveRequest request(Owner to, String by) {
    return new MoveRequest(to, selection(), reads, dryRun, by, Map.of());
  }
}
