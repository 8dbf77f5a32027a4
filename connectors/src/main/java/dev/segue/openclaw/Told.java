package dev.segue.openclaw;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What has been told of each session, so that a sweep tells only what changed since. */
final class Told {
  private final KnownSessions known;
  private final Map<String, State> states = new ConcurrentHashMap<>();
  private final Set<String> left = ConcurrentHashMap.newKeySet();

  Told(KnownSessions known) {
    this.known = known;
  }

  /**
   * A session as this process told it.
   *
   * @param stamp what its files were then
   * @param settled whether the stamp can be relied on
   * @param parked whether it was told that it cannot be read
   * @param entities marks of all that was told of it; empty if that is not known
   */
  record State(SessionStamp stamp, boolean settled, boolean parked, Optional<Set<Long>> entities) {
    State {
      entities = entities.map(Set::copyOf);
    }

    /** Whether files of that stamp have been told. */
    boolean covers(SessionStamp now) {
      return settled && stamp.equals(now);
    }

    /** The same when it is not known any more what the target has. */
    State uncertain() {
      return new State(stamp, false, parked, Optional.empty());
    }
  }

  /** What was told of a session; empty if this process told nothing. */
  Optional<State> of(String session) {
    return Optional.ofNullable(states.get(session));
  }

  /** All that this process or one before it may have told. */
  Set<String> sessions() {
    Set<String> all = new HashSet<>(known.all());
    all.addAll(states.keySet());
    return all;
  }

  /** Says that sessions are going to be told. */
  void announce(Set<String> sessions) {
    known.add(sessions);
  }

  void put(String session, State state) {
    states.put(session, state);
  }

  /** A session is to be told as if it never had been. */
  void reset(String session) {
    states.remove(session);
  }

  /** The target has nothing of a session any more. */
  void forget(String session) {
    states.remove(session);
    known.remove(session);
  }

  /** History is going to bring these sessions, so that nothing else has to. */
  void leave(Set<String> sessions) {
    left.addAll(sessions);
  }

  /** Whether history is still to bring a session, as it will be then. */
  boolean isLeft(String session) {
    return left.contains(session);
  }

  /** History does not bring what is left. */
  void leaveNothing() {
    left.clear();
  }

  /** History found no such session. */
  void missing(String session) {
    left.remove(session);
  }

  /**
   * What history brings of a session. What the stream told already lies behind it, whenever it was
   * read.
   */
  void history(SessionReading reading) {
    states.putIfAbsent(
        reading.session(),
        new State(
            reading.stamp(), reading.settled(), reading.wrong().isPresent(), Optional.empty()));
    left.remove(reading.session());
  }
}
