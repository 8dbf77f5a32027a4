package dev.segue.redis;

import dev.segue.spi.SystemFault;
import io.lettuce.core.RedisFuture;
import java.util.List;

/**
 * What a server refused of a transaction that it did. There is one harmless reason: a key came to
 * its time in between, and its session with it, which servers before 6.0.9 do not take for a
 * change.
 */
final class Refusals {
  private Refusals() {}

  /**
   * @throws SystemFault of a permanent nature if there is another
   */
  static void check(List<RedisFuture<?>> answers, String where) {
    for (RedisFuture<?> answer : answers) {
      String error = answer.getError();
      if (error != null && !error.startsWith("ERR no such key")) {
        throw SystemFault.permanent(
            "a command of a transaction on " + where + " was refused while it was done: " + error,
            "this is a defect of Segue; segue verify --repair mends the sessions that it left"
                + " different");
      }
    }
  }
}
