package dev.segue.redis;

import java.util.List;
import java.util.Queue;

/** Sessions that are told once more as a whole, because somebody asked for them. */
final class AskedFor {
  /** So many are read at once. */
  private static final int SESSIONS = 100;

  private final RedisKeys keys;
  private final Queue<String> sessions;

  /**
   * @param sessions may grow at any time
   */
  AskedFor(RedisKeys keys, Queue<String> sessions) {
    this.keys = keys;
    this.sessions = sessions;
  }

  /**
   * Tells all of them.
   *
   * @param changes reads their keys and tells what is there
   * @param events takes what goes before that
   * @param flush brings what was told to the topic
   */
  void tell(KeyChanges changes, KeyChanges.Taker events, Runnable flush) {
    while (!sessions.isEmpty()) {
      List<String> some = sessions.stream().limit(SESSIONS).toList();
      for (String session : some) {
        events.take(session, RedisEvent.release(session, System.currentTimeMillis()));
        keys.ofSession(session).forEach(meant -> changes.look(meant, true));
      }
      changes.settle();
      flush.run();
      // Only what is in the topic has been told.
      some.forEach(unused -> sessions.remove());
    }
  }
}
