package dev.segue.bench.measure;

import dev.segue.bench.contender.ContenderFailedException;
import dev.segue.bench.contender.Follower;
import dev.segue.bench.contender.Patience;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import dev.segue.bench.server.Writing;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * What was written and is to be worked off.
 *
 * @param tail what was written last, as {@link Writing#tail} tells
 * @param all what source and target have to hold in the end
 */
record Draining(Writing writing, String tail, Fingerprint all) {
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Writes it. */
  static Draining write(Writing writing, Database source) throws SQLException {
    writing.writeTo(source);
    try (Connection connection = source.open()) {
      return new Draining(writing, writing.tail(connection), Fingerprint.of(source));
    }
  }

  /**
   * Starts a contender and waits until the target holds everything.
   *
   * @return seconds
   * @throws ContenderFailedException if it gives up, or a row is not there or not the same
   */
  double run(Follower.Following following, Database target) throws Exception {
    try (Connection connection = target.open()) {
      long began = System.nanoTime();
      following.start();
      Patience.await(
          "the backlog to be applied",
          PAUSE,
          () -> {
            following.check();
            return writing.tail(connection).equals(tail);
          });
      double seconds = Contest.secondsSince(began);
      if (Fingerprint.of(target).equals(all)) {
        return seconds;
      }
      // Parts of a contender that are independent of each other may have run ahead of the rest.
      awaitRest(target);
      return Contest.secondsSince(began);
    }
  }

  private void awaitRest(Database target) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!Fingerprint.of(target).equals(all)) {
      if (System.nanoTime() > end) {
        Delivery.check(all, target);
        return;
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }
}
