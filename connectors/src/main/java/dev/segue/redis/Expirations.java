package dev.segue.redis;

import java.time.OffsetDateTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When keys expire, as far as it is known: what tells a key that expired from one that was deleted.
 */
final class Expirations {
  /** The clocks of two processes, and the time until the server comes to it. */
  private static final long SLACK_MILLIS = 1000;

  private final Map<String, Long> times = new ConcurrentHashMap<>();

  /** Keeps what a key was read as. */
  void put(Content content) {
    if (content.expiresAt() == null) {
      times.remove(content.meant().key());
    } else {
      times.put(
          content.meant().key(),
          OffsetDateTime.parse(content.expiresAt()).toInstant().toEpochMilli());
    }
  }

  /** Whether a key that is gone now had come to its time. */
  boolean isExpired(String key, long now) {
    Long time = times.remove(key);
    return time != null && time <= now + SLACK_MILLIS;
  }
}
