package dev.segue.client;

import dev.segue.client.SegueRoutes.Route;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The routes that were told, and which of them still hold. Those that nobody asked for the longest
 * go first. May be used by many threads.
 *
 * <p>An answer holds if nothing of its slot was moved since the question: an answer that is under
 * way while its session moves may be of before.
 */
final class RouteCache {
  /** Later than any moment. */
  private static final long NOT_YET = Long.MAX_VALUE;

  private final Map<String, Answer> answers;
  private final Map<Integer, Long> movedAt = new HashMap<>();
  private long allMovedAt = NOT_YET;
  private long moment;

  /**
   * @param most how many are kept
   */
  RouteCache(int most) {
    this.answers =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Answer> eldest) {
            return size() > most;
          }
        };
  }

  /**
   * What was told of a session.
   *
   * @param slot the hash slot of the session
   * @param asked the {@link #now} of the question
   * @param until {@link System#nanoTime} until which it may be used; empty if there is no end
   */
  record Answer(Route route, int slot, long asked, OptionalLong until) {
    /** The route as it may be used now; empty if it may not be any more. */
    Optional<Route> usable() {
      if (until.isEmpty()) {
        return Optional.of(route);
      }
      long left = until.getAsLong() - System.nanoTime();
      return left <= 0
          ? Optional.empty()
          : Optional.of(
              new Route(
                  route.sessionId(),
                  route.owner(),
                  route.reads(),
                  route.moving(),
                  Optional.of(Duration.ofNanos(left))));
    }
  }

  /** Moments are counted by what was heard of. */
  synchronized long now() {
    return moment;
  }

  /** The route to a session; empty if none holds. */
  synchronized Optional<Route> holding(String sessionId) {
    Answer answer = answers.get(sessionId);
    return answer != null && holds(answer) ? answer.usable() : Optional.empty();
  }

  private boolean holds(Answer answer) {
    return !answer.route().moving()
        && answer.asked() >= allMovedAt
        && answer.asked() >= movedAt.getOrDefault(answer.slot(), 0L);
  }

  /** The last route to a session that was told, whether it holds or not. */
  synchronized Optional<Route> last(String sessionId) {
    return Optional.ofNullable(answers.get(sessionId)).flatMap(Answer::usable);
  }

  synchronized void keep(Answer answer) {
    answers.put(answer.route().sessionId(), answer);
  }

  /** A route does not hold any more. */
  synchronized void outdate(String sessionId) {
    answers.computeIfPresent(
        sessionId, (id, answer) -> new Answer(answer.route(), answer.slot(), -1, answer.until()));
  }

  /** Something of these slots was moved. */
  synchronized void moved(Set<Integer> slots) {
    moment++;
    slots.forEach(slot -> movedAt.put(slot, moment));
  }

  /** Anything may have been moved, and from now on somebody tells what is. */
  synchronized void movedAll() {
    moment++;
    allMovedAt = moment;
    movedAt.clear();
  }

  /** Nobody tells what is moved, so nothing holds until {@link #movedAll}. */
  synchronized void deafen() {
    allMovedAt = NOT_YET;
  }
}
