package dev.segue.cutover;

import dev.segue.sink.AppliedSessions;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Who is written to, as a few looks of a moment each have shown.
 *
 * @param seen in how many of the looks each session was
 * @param looks how many there were
 */
record Busy(Map<String, Integer> seen, int looks) {
  static final Busy NOBODY = new Busy(Map.of(), 1);

  private static final int LOOKS = 3;

  /** A look takes about what writers wait for while a slice changes hands. */
  private static final long LOOK_MILLIS = 400;

  Busy {
    seen = Map.copyOf(seen);
  }

  /** Looks at those whom the sink changes. A sink that is late changes many at once, or nobody. */
  static Busy look(AppliedSessions applied) throws InterruptedException {
    Map<String, Integer> seen = new HashMap<>();
    try (AppliedSessions.Follower follower = applied.follow()) {
      for (int look = 0; look < LOOKS; look++) {
        Thread.sleep(LOOK_MILLIS);
        follower.take().forEach(session -> seen.merge(session, 1, Integer::sum));
      }
      return new Busy(seen, LOOKS);
    } catch (IllegalStateException e) {
      // A table was truncated: nobody is likely to write to any of them.
      return NOBODY;
    }
  }

  /** How many of these are written to in a moment, about. */
  double among(Collection<String> sessions) {
    return (double) sessions.stream().mapToInt(session -> seen.getOrDefault(session, 0)).sum()
        / looks;
  }
}
