package dev.segue.cutover;

import dev.segue.spi.MoveLog;
import dev.segue.spi.Ownership;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings to an end what a process left in the middle: forward if it was decided, else back. */
public final class MoveRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(MoveRecovery.class);

  private final MoveLog log;

  public MoveRecovery(MoveLog log) {
    this.log = log;
  }

  /**
   * Looks for a move that has not ended, and ends it.
   *
   * @param source who may write to the source
   * @param target who may write to the target
   * @return what was done, in words; empty if there was nothing to do
   */
  public Optional<String> run(Ownership source, Ownership target) {
    Optional<MoveLog.Entry> open = log.open();
    if (open.isEmpty()) {
      return Optional.empty();
    }
    MoveLog.Entry move = open.get();
    boolean toTarget = move.to() == dev.segue.ownership.Owner.TARGET;
    Ownership gaining = toTarget ? target : source;
    Ownership losing = toTarget ? source : target;
    LOG.atInfo()
        .addKeyValue("move", move.id())
        .addKeyValue("state", move.state())
        .log("a move was left in the middle");
    if (move.state().equals(new MoveState.Switched().wireName())) {
      gaining.give(move.slice(), move.to());
      losing.give(move.slice(), move.to());
      end(move, move.state(), new MoveState.Done().wireName());
      return Optional.of(
          "Move "
              + move.id()
              + " had been decided: "
              + move.slice()
              + " to the "
              + move.to()
              + ".");
    }
    MoveState.Aborting aborting = new MoveState.Aborting();
    String why = "the process ended in the middle";
    if (!move.state().equals(aborting.wireName())
        && !log.enter(move.id(), move.state(), aborting.wireName(), why)) {
      // Its process lives after all, and has gone on: look again.
      return run(source, target);
    }
    losing.lift("barrier-" + move.id());
    end(move, aborting.wireName(), aborting.aborted().wireName());
    return Optional.of(
        "Move "
            + move.id()
            + " was taken back: its process ended when it was "
            + move.state()
            + ".");
  }

  private void end(MoveLog.Entry move, String from, String to) {
    log.end(
        move.id(),
        from,
        to,
        "by a later process",
        ReportJson.write(
            new MoveReport(
                move.id(),
                move.to(),
                to,
                "the process ended in the middle",
                move.slice().slots().size(),
                -1,
                java.util.List.copyOf(move.slice().except()),
                -1,
                -1,
                null,
                new MoveReport.Timings(-1, -1, -1, -1, -1),
                move.startedAt(),
                java.util.List.of())));
  }
}
