package dev.segue.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs statements that need a table to themselves. Every writer queues up behind one that waits for
 * such a lock, so it waits briefly, lets them pass, and tries again.
 */
final class LockQueue {
  /**
   * Below the server's own deadlock_timeout of a second: a writer that waits for us while we wait
   * for it is let go before the server ends one of the two.
   */
  static final String PATIENCE = "400ms";

  /** A lock was not to be had, or a deadlock was ended at our cost. */
  private static final Set<String> BUSY = Set.of("55P03", "40P01");

  private static final int PAUSE_MS = 300;

  private LockQueue() {}

  static boolean isBusy(SQLException e) {
    return BUSY.contains(e.getSQLState());
  }

  /**
   * Runs a statement on a session that commits each of them.
   *
   * @param what the table, for messages
   * @param patience how long to try
   * @param progress is told who is in the way
   * @throws SQLException with SQLSTATE 55P03 if they were still in the way at the end
   */
  static void run(
      Connection connection, String what, String sql, Duration patience, Consumer<String> progress)
      throws SQLException {
    long until = System.nanoTime() + patience.toNanos();
    try (Statement statement = connection.createStatement()) {
      for (int attempt = 1; ; attempt++) {
        try {
          statement.execute("SET lock_timeout = '" + PATIENCE + "'");
          statement.execute(sql);
          statement.execute("RESET lock_timeout");
          return;
        } catch (SQLException e) {
          if (!isBusy(e) || System.nanoTime() > until) {
            throw e;
          }
          if (attempt % 5 == 0) {
            progress.accept(
                "waiting for whoever uses " + what + "; " + ReplicationSlot.waitingFor(connection));
          }
          Thread.sleep(PAUSE_MS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted", "57014", e);
    }
  }
}
