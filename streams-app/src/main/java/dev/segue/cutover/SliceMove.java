package dev.segue.cutover;

import dev.segue.failpoint.Failpoint;
import dev.segue.ownership.Slice;
import dev.segue.spi.AppliedState;
import dev.segue.spi.MoveLog;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves one slice. Until it is decided, whatever goes wrong takes everything back; from then on it
 * only goes on, in this process or the next.
 */
final class SliceMove {
  private static final Logger LOG = LoggerFactory.getLogger(SliceMove.class);

  /** Writers that are in the way of the fence are waited for so long, compared to a pause. */
  private static final int PATIENCE_IN_PAUSES = 10;

  private final Slice slice;
  private final Way way;
  private final MoveLog log;
  private final Keeping keeping;
  private final SliceProof proof;
  private final String id = "move-" + UUID.randomUUID().toString().substring(0, 13);
  private final String nonce = "barrier-" + id;
  private final String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  private final List<Long> times = new ArrayList<>();
  private final List<String> positions = new ArrayList<>();
  private MoveState state = new MoveState.Intended();
  private long stepBegan = System.nanoTime();
  private long fencedAt = -1;
  private long pauseMs = -1;

  SliceMove(Slice slice, Way way, MoveLog log, Keeping keeping) {
    this.slice = slice;
    this.way = way;
    this.log = log;
    this.keeping = keeping;
    this.proof = new SliceProof(slice, way, keeping);
  }

  /**
   * What a move has to keep to.
   *
   * @param maxPause how long writers may be refused
   * @param pace when they may be
   * @param story is told what the slice waits for
   * @param requireParity whether sessions must be the same on both sides
   * @param requestedBy who asked for it
   * @param mayGoOn throws if this process must not decide anything any more
   * @param announce returns when those who keep to routes are told that the slice changes hands
   * @param changed is told whenever owners may have changed
   */
  record Keeping(
      Duration maxPause,
      Pace pace,
      SliceStory story,
      boolean requireParity,
      String requestedBy,
      Runnable mayGoOn,
      Runnable announce,
      Runnable changed) {}

  MoveReport run() throws InterruptedException {
    log.begin(id, way.to(), slice, keeping.requestedBy());
    try {
      Optional<String> halted = tryToDecide();
      if (halted.isPresent() && !isDecidedAfterAll()) {
        return takeBack(halted.get());
      }
      return finish();
    } finally {
      proof.close();
      keeping.changed().run();
    }
  }

  /** Why it was not decided; empty if it was. */
  private Optional<String> tryToDecide() throws InterruptedException {
    try {
      Set<String> carried = survey();
      fence();
      drain();
      prove(carried);
      decide();
      return Optional.empty();
    } catch (RuntimeException e) {
      if (!(e instanceof HaltedException || e instanceof SystemFault)) {
        LOG.atError().setCause(e).addKeyValue("move", id).log("a move failed");
      }
      return Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
    } catch (InterruptedException e) {
      if (!isDecidedAfterAll()) {
        takeBack("segue run was stopped");
      }
      throw e;
    }
  }

  /** The answer to the decision may have been lost; the log knows. */
  private boolean isDecidedAfterAll() throws InterruptedException {
    if (state instanceof MoveState.Proven) {
      MoveState.Switched switched = new MoveState.Switched();
      boolean[] decided = {false};
      insist(() -> decided[0] = isLogged(switched));
      if (decided[0]) {
        state = switched;
      }
    }
    return state instanceof MoveState.Switched;
  }

  private boolean isLogged(MoveState there) {
    return log.open()
        .filter(entry -> entry.id().equals(id) && entry.state().equals(there.wireName()))
        .isPresent();
  }

  private void enter(MoveState next, String detail) {
    if (!log.enter(id, state.wireName(), next.wireName(), detail)) {
      throw SystemFault.fenced("another process has taken move " + id + " on");
    }
    times.add((System.nanoTime() - stepBegan) / 1_000_000);
    stepBegan = System.nanoTime();
    state = next;
  }

  /** Compares the sessions while they are written to; returns those to be compared once more. */
  private Set<String> survey() throws InterruptedException {
    Set<String> open = proof.survey();
    Failpoint.MOVE_SURVEYED.hit();
    enter(((MoveState.Intended) state).surveyed(), proof.sessions() + " sessions are the same");
    return open;
  }

  private void fence() {
    keeping.mayGoOn().run();
    long asked = System.nanoTime();
    fencedAt =
        way.losing()
            .fence(
                slice,
                nonce,
                keeping.maxPause(),
                keeping.maxPause().multipliedBy(PATIENCE_IN_PAUSES),
                keeping.announce());
    Failpoint.MOVE_FENCED.hit();
    enter(
        ((MoveState.Surveyed) state).fenced(),
        "after " + (fencedAt - asked) / 1_000_000 + " ms of waiting for writers");
  }

  private long sinceFenceMs() {
    return (System.nanoTime() - fencedAt) / 1_000_000;
  }

  private long leftNanos() {
    return keeping.maxPause().toNanos() - (System.nanoTime() - fencedAt);
  }

  private void checkTime(String step) {
    if (leftNanos() < 0) {
      throw late(step);
    }
  }

  private HaltedException late(String step) {
    return new HaltedException(
        "the "
            + step
            + " was not over within cutover.max-pause ("
            + keeping.maxPause().toMillis()
            + " ms)");
  }

  private void drain() throws InterruptedException {
    if (!way.terms().ledger().await(nonce, Duration.ofNanos(leftNanos()))) {
      throw late("drain");
    }
    Failpoint.MOVE_DRAINED.hit();
    enter(((MoveState.Fenced) state).drained(), "the barrier has passed every partition");
  }

  private void prove(Set<String> carried) {
    proof.prove(carried, () -> checkTime("comparison"));
    Failpoint.MOVE_PROVEN.hit();
    enter(((MoveState.Drained) state).proven(), proof.still() + " sessions compared once more");
  }

  private void decide() {
    keeping.mayGoOn().run();
    if (!way.losing().seal(nonce)) {
      throw new HaltedException("the fence was up before everything was done");
    }
    Failpoint.MOVE_SEALED.hit();
    enter(((MoveState.Proven) state).switched(), "the " + way.to() + " owns " + slice);
    Failpoint.MOVE_SWITCHED.hit();
  }

  private MoveReport finish() throws InterruptedException {
    insist(() -> way.gaining().give(slice, way.to()));
    pauseMs = sinceFenceMs();
    keeping.changed().run();
    Failpoint.MOVE_OPENED.hit();
    insist(() -> way.losing().give(slice, way.to()));
    insist(
        () ->
            way.terms().ledger().applied().stream()
                .map(SliceMove::position)
                .forEach(positions::add));
    MoveReport report = report("done", null);
    MoveState.Done done = ((MoveState.Switched) state).done();
    insist(
        () ->
            log.end(
                id,
                state.wireName(),
                done.wireName(),
                "writers were refused for " + pauseMs + " ms",
                ReportJson.write(report)));
    state = done;
    insist(() -> way.terms().ledger().forget(nonce));
    return report;
  }

  private static String position(AppliedState applied) {
    return applied.partition() + "@" + applied.nextOffset() + " " + applied.reached();
  }

  /** What is decided is done, however long it takes. */
  private static void insist(Runnable step) throws InterruptedException {
    for (long wait = 20; ; wait = Math.min(wait * 2, 2000)) {
      try {
        step.run();
        return;
      } catch (SystemFault e) {
        if (e.nature() != SystemFault.Nature.TRANSIENT) {
          throw e;
        }
        Thread.sleep(wait);
      }
    }
  }

  private MoveReport takeBack(String reason) throws InterruptedException {
    MoveState.Aborting aborting = ((MoveState.Undecided) state).abort();
    // The fence lifts by itself too; this is for those who would wait until then.
    for (int attempt = 1; ; attempt++) {
      try {
        if (!isAborting(aborting, reason)) {
          // A decision whose answer was lost took place after we had looked; or somebody else
          // has taken the move on, whose fence it is now.
          return isDecidedAfterAll() ? finish() : report("aborted", reason);
        }
        way.losing().lift(nonce);
        if (fencedAt >= 0) {
          // It lifts by itself when its time is up.
          pauseMs = Math.min(keeping.maxPause().toMillis(), sinceFenceMs());
        }
        MoveReport report = report("aborted", reason);
        log.end(
            id,
            aborting.wireName(),
            aborting.aborted().wireName(),
            reason,
            ReportJson.write(report));
        way.terms().ledger().forget(nonce);
        return report;
      } catch (SystemFault e) {
        if (attempt == 20 || e.nature() == SystemFault.Nature.PERMANENT) {
          // The next command, or the next process, brings it to an end.
          return report("aborted", reason);
        }
        Thread.sleep(500);
      }
    }
  }

  /** Whether the log says that the move is being taken back; from then on nobody decides it. */
  private boolean isAborting(MoveState.Aborting aborting, String reason) {
    if (!(state instanceof MoveState.Aborting)
        && (log.enter(id, state.wireName(), aborting.wireName(), reason) || isLogged(aborting))) {
      state = aborting;
    }
    return state instanceof MoveState.Aborting;
  }

  private long time(int step) {
    return step < times.size() ? times.get(step) : -1;
  }

  private MoveReport report(String outcome, String reason) {
    return new MoveReport(
        id,
        way.to(),
        outcome,
        reason,
        slice.slots().size(),
        proof.sessions(),
        List.copyOf(slice.except()),
        proof.still(),
        pauseMs,
        proof.digest(),
        new MoveReport.Timings(time(0), time(1), time(2), time(3), time(4)),
        startedAt,
        positions);
  }
}
