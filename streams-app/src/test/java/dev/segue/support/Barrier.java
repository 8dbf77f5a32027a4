package dev.segue.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;

/**
 * A mark behind everything that is committed in a source, which tells by its arrival that all of it
 * has arrived.
 *
 * @param direction the name that the ledger knows the migration by; its way back has its own
 */
record Barrier(String direction, String nonce) {
  /** Whether it has passed all partitions, asked of a ledger in PostgreSQL. */
  static final String DATABASE =
      """
      SELECT count(*) >= (SELECT partitions FROM segue.migration WHERE name = '%2$s')
      FROM segue.barrier WHERE nonce = '%1$s'
      """;

  /** Likewise of a ledger beside files. */
  static final String FILES =
      """
      SELECT count(*) = (SELECT count(*) FROM applied)
      FROM barriers WHERE nonce = '%1$s' AND passed = 1
      """;

  private static final long LOOK_MILLIS = 50;

  /**
   * How long to wait.
   *
   * @param log tells what the pipeline said last, for the message
   */
  record Deadline(Duration most, Log log) {
    private interface Look {
      boolean hasPassed() throws Exception;
    }

    private void await(Look look) throws Exception {
      long until = System.nanoTime() + most.toNanos();
      while (!look.hasPassed()) {
        if (System.nanoTime() > until) {
          throw new AssertionError("the barrier did not pass within " + most + "\n" + log.tail());
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
  }

  /** The last lines of a log. */
  interface Log {
    String tail() throws IOException;
  }

  private static Barrier of(String direction) {
    return new Barrier(direction, "barrier-" + System.nanoTime());
  }

  static Barrier onDatabase(String direction, Connection from) throws Exception {
    Barrier barrier = of(direction);
    try (PreparedStatement mark =
        from.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
      mark.setString(1, "segue." + direction);
      mark.setString(
          2,
          "{\"nonce\":\"%s\",\"sent_at\":%d}".formatted(barrier.nonce, System.currentTimeMillis()));
      mark.execute();
    }
    return barrier;
  }

  static Barrier onRedis(String direction, RedisServer redis) throws Exception {
    Barrier barrier = of(direction);
    try (var connection = redis.connect()) {
      String mark = barrier.nonce + " " + System.currentTimeMillis();
      connection.sync().publish("segue." + direction, mark);
    }
    return barrier;
  }

  static Barrier onFiles(String direction, Path files) throws IOException {
    Barrier barrier = of(direction);
    long now = System.currentTimeMillis();
    Path marks = Files.createDirectories(files.resolve(".segue").resolve(direction));
    Path fresh = Files.writeString(marks.resolve(barrier.nonce), barrier.nonce + " " + now);
    Files.move(fresh, marks.resolve("mark-" + now + "-" + barrier.nonce));
    return barrier;
  }

  /**
   * Waits until it has passed.
   *
   * @param question {@link #DATABASE} or {@link #FILES}
   */
  void awaitIn(Connection to, String question, Deadline deadline) throws Exception {
    try (PreparedStatement passed = to.prepareStatement(question.formatted(nonce, direction))) {
      deadline.await(
          () -> {
            try (ResultSet rows = passed.executeQuery()) {
              return rows.next() && rows.getBoolean(1);
            }
          });
    }
  }

  /** Likewise in a Redis, which may be killed meanwhile. */
  void awaitIn(RedisServer redis, Deadline deadline) throws Exception {
    String own = "segue:" + direction + ":";
    try (var connection = redis.connect()) {
      deadline.await(
          () -> {
            String partitions = connection.sync().hget(own + "migration", "partitions");
            long passed =
                connection.sync().smembers(own + "barriers").stream()
                    .filter(member -> member.startsWith(nonce + " "))
                    .count();
            return partitions != null && passed == Long.parseLong(partitions);
          });
    }
  }
}
