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
 * passed, the other side has all that was read. Then its rows are read, then the owner's once more.
 * Where these did not change, the two must agree. A difference counts once it was found twice, so
 * that a row which changed and changed back in between is no false alarm.
 */
public final class Recheck {
  /** So often a session is looked at before it counts as written to all the time. */
  static final int PATIENTLY = 40;

  private final Terms terms;
  private final SideBySide sides;
  private final Duration wait;
  private final int rounds;
  private boolean stuck;

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

  /** Compares sessions while they are written to. */
  public List<Parity> run(Collection<String> sessions) throws InterruptedException {
    Set<String> open = new LinkedHashSet<>(sessions);
    Map<String, Sighting> sightings = new HashMap<>();
    List<Parity> results = new ArrayList<>();
    for (int round = 1; !stuck && !open.isEmpty() && round <= rounds; round++) {
      SideBySide.Reading before = sides.expected(open);
      if (!Barrier.raise(terms.source(), terms.ledger()).await(wait)) {
        // Nor will it for the sessions that come after these.
        stuck = true;
        break;
      }
      SideBySide.Reading held = sides.held(open);
      Map<String, List<Difference>> plain = new HashMap<>();
      open.forEach(session -> plain.put(session, held.plainDifferences(session, before)));
      Map<String, List<Difference>> differences = sides.inBothDirections(plain);
      SideBySide.Reading after = sides.expected(open);
      for (String session : List.copyOf(open)) {
        SessionRows rows = before.of(session);
        if (rows.equals(after.of(session))) {
          Sighting now = new Sighting(rows, differences.get(session));
          Optional<Parity> result = judge(session, now, sightings.put(session, now));
          if (result.isPresent()) {
            results.add(result.get());
            open.remove(session);
          }
        }
      }
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

  /** Empty if the difference has to be seen again. */
  private static Optional<Parity> judge(String session, Sighting now, Sighting earlier) {
    boolean settled =
        !now.owned().unmappable().isEmpty() || now.differences().isEmpty() || now.equals(earlier);
    return settled
        ? Optional.of(SideBySide.judge(session, now.owned(), now.differences()))
        : Optional.empty();
  }
}
