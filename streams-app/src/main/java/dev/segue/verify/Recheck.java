package dev.segue.verify;

import dev.segue.mark.Barrier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells sessions that differ from sessions that are merely being written to.
 *
 * <p>The rows of the side that owns the sessions are read, then a barrier is raised; when it has
 * passed, the other side has all that was read. Then its rows are read. Where they are the same, so
 * were both sides. Of the others the owner's rows are read once more: where these did not change,
 * the two must agree. A difference counts once it was found twice, so that a row which changed and
 * changed back in between is no false alarm.
 */
public final class Recheck {
  /** So often a session is looked at before it counts as written to all the time. */
  static final int PATIENTLY = 40;

  private final Terms terms;
  private final SideBySide sides;
  private final Duration wait;
  private final int rounds;
  private boolean stuck;
  private long waitedNanos;
  private long readNanos;

  /**
   * @param terms the direction from the side that owns the sessions
   * @param back the other direction, if there is one
   * @param wait how long a barrier may take
   * @param rounds how often a session that is being written to is looked at
   */
  public Recheck(Terms terms, Optional<Terms> back, Duration wait, int rounds, boolean showValues) {
    this.terms = terms;
    this.sides = new SideBySide(terms, back, showValues);
    this.wait = wait;
    this.rounds = rounds;
  }

  /** A difference that was found, and while the owner's rows were such. */
  private record Sighting(SessionRows owned, List<Difference> differences) {}

  /** Whether a barrier did not come through in time; none is waited for any more then. */
  public boolean isStuck() {
    return stuck;
  }

  /** How long the last barrier was on its way. */
  public Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }

  /** How long reading and comparing took in all. */
  public Duration read() {
    return Duration.ofNanos(readNanos);
  }

  /** Compares sessions while they are written to. */
  public List<Parity> run(Collection<String> sessions) throws InterruptedException {
    Set<String> open = new LinkedHashSet<>(sessions);
    Map<String, Sighting> sightings = new HashMap<>();
    List<Parity> results = new ArrayList<>();
    for (int round = 1; !stuck && !open.isEmpty() && round <= rounds; round++) {
      long began = System.nanoTime();
      SideBySide.Reading before = sides.expected(open);
      long raised = System.nanoTime();
      if (!Barrier.raise(terms.source(), terms.ledger()).await(wait)) {
        // Nor will it for the sessions that come after these.
        stuck = true;
        break;
      }
      waitedNanos = System.nanoTime() - raised;
      results.addAll(look(open, before, sightings));
      results.forEach(result -> open.remove(result.sessionId()));
      readNanos += System.nanoTime() - began - waitedNanos;
    }
    String reason =
        stuck
            ? "the other side did not come by within "
                + wait.toSeconds()
                + " s; does segue run work?"
            : "it is written to all the time";
    open.forEach(session -> results.add(Parity.pending(session, reason)));
    return new VectorWait(terms).over(results);
  }

  /**
   * Looks at the other side, which has all that was read of the owner's by now.
   *
   * @param sightings what was found earlier, and then is what was found now
   * @return of sessions about which there is no doubt
   */
  private List<Parity> look(
      Set<String> sessions, SideBySide.Reading before, Map<String, Sighting> sightings) {
    SideBySide.Reading held = sides.held(sessions);
    List<Parity> results = new ArrayList<>();
    Map<String, List<Difference>> plain = new HashMap<>();
    for (String session : sessions) {
      List<Difference> differences = held.plainDifferences(session, before);
      if (differences.isEmpty() && before.of(session).unmappable().isEmpty()) {
        results.add(SideBySide.judge(session, before.of(session), differences));
      } else {
        plain.put(session, differences);
      }
    }
    if (!plain.isEmpty()) {
      SideBySide.Reading after = sides.expected(plain.keySet());
      plain.keySet().removeIf(session -> !before.of(session).equals(after.of(session)));
    }
    sides
        .inBothDirections(plain)
        .forEach(
            (session, differences) -> {
              Sighting now = new Sighting(before.of(session), differences);
              judge(session, now, sightings.put(session, now)).ifPresent(results::add);
            });
    return results;
  }

  /** Empty if the difference has to be seen again. */
  private static Optional<Parity> judge(String session, Sighting now, Sighting earlier) {
    boolean settled =
        !now.owned().unmappable().isEmpty() || now.differences().isEmpty() || now.equals(earlier);
    return settled
        ? Optional.of(SideBySide.judge(session, now.owned(), now.differences()))
        : Optional.empty();
  }
}
