package dev.segue.cutover;

import dev.segue.ownership.Owner;
import java.util.Map;
import java.util.Objects;

/**
 * What somebody asks for.
 *
 * @param to the side that is to own the sessions
 * @param reads whether only reads are to be moved; owners stay
 * @param dryRun whether only to say what would be done
 * @param except sessions that stay where they are, and why
 */
public record MoveRequest(
    Owner to,
    Selection selection,
    boolean reads,
    boolean dryRun,
    String requestedBy,
    Map<String, String> except) {
  public MoveRequest {
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(selection, "selection");
    Objects.requireNonNull(requestedBy, "requestedBy");
    except = Map.copyOf(except);
  }

  /** What the operator calls it. */
  public String name() {
    return to == Owner.TARGET ? "cutover" : "rollback";
  }
}
