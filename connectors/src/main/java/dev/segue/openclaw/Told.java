package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What this process has told of each session, so that a sweep tells only what changed since. */
final class Told {
  private final Map<String, State> sessions = new ConcurrentHashMap<>();

  /**
   * A session as it was told.
   *
   * @param stamp what its files were then
   * @param settled whether the stamp can be relied on
   * @param parked whether it was told that it cannot be read
   * @param entities marks of all that was told of it; empty if that is not known
   */
  record State(String stamp, boolean settled, boolean parked, Optional<Set<Long>> entities) {
    State {
      entities = entities.map(Set::copyOf);
    }

    /** Whether files of that stamp have been told. */
    boolean covers(String now) {
      return settled && stamp.equals(now);
    }
  }

  /** What was told of a session; empty if nothing was. */
  Optional<State> of(String session) {
    return Optional.ofNullable(sessions.get(session));
  }

  Set<String> sessions() {
    return Set.copyOf(sessions.keySet());
  }

  void put(String session, State state) {
    sessions.put(session, state);
  }

  /**
   * What history brings of a session. What the stream told already lies behind it, whenever it was
   * read.
   */
  void history(SessionReading reading) {
    sessions.putIfAbsent(
        reading.session(),
        new State(
            reading.stamp(), reading.settled(), reading.wrong().isPresent(), Optional.empty()));
  }

  void forget(String session) {
    sessions.remove(session);
  }

  /** Marks by which entities that were told are known again. */
  static Set<Long> marks(SessionReading reading) {
    Set<Long> marks = new HashSet<>();
    reading.entities().forEach(entity -> marks.add(mark(entity)));
    return marks;
  }

  static long mark(Entity entity) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(CanonicalCodec.write(entity).getBytes(UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
