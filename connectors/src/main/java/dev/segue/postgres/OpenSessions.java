package dev.segue.postgres;

import dev.segue.spi.Connected;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** Sessions that wait for their next piece of work, as long as somebody wants them to. */
final class OpenSessions {
  /** No more than the pieces of work that go on beside each other. */
  private static final int MOST = 4;

  /** One that lay idle for longer is asked whether it is still alive. */
  private static final Duration SURE = Duration.ofSeconds(1);

  private static final int ANSWER_SECONDS = 5;

  private final Supplier<Connection> opener;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private int wanting;

  OpenSessions(Supplier<Connection> opener) {
    this.opener = opener;
  }

  private record Idle(Connection connection, long since) {
    boolean isAlive() {
      try {
        return System.nanoTime() - since < SURE.toNanos() || connection.isValid(ANSWER_SECONDS);
      } catch (SQLException e) {
        return false;
      }
    }
  }

  /** Has sessions kept after their work, until this is closed. */
  synchronized Connected want() {
    wanting++;
    return this::wantNoMore;
  }

  private synchronized void wantNoMore() {
    wanting--;
    if (wanting == 0) {
      idle.forEach(one -> PostgresConnections.close(one.connection()));
      idle.clear();
    }
  }

  /**
   * Runs one piece of work, on the session that was used last, or a fresh one. It is kept if that
   * throws nothing; what was not committed is undone.
   */
  <T> T with(PostgresConnections.Work<T> work) throws SQLException {
    Connection connection = take();
    boolean done = false;
    try {
      T result = work.run(connection);
      done = true;
      return result;
    } finally {
      if (!done || !isRoom() || !isReset(connection) || !keep(connection)) {
        PostgresConnections.close(connection);
      }
    }
  }

  private Connection take() {
    for (Idle last = poll(); last != null; last = poll()) {
      if (last.isAlive()) {
        return last.connection();
      }
      PostgresConnections.close(last.connection());
    }
    return opener.get();
  }

  private synchronized Idle poll() {
    return idle.pollFirst();
  }

  private synchronized boolean isRoom() {
    return wanting > 0 && idle.size() < MOST;
  }

  private synchronized boolean keep(Connection connection) {
    boolean kept = isRoom();
    if (kept) {
      idle.addFirst(new Idle(connection, System.nanoTime()));
    }
    return kept;
  }

  private static boolean isReset(Connection connection) {
    try {
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
      return true;
    } catch (SQLException e) {
      return false;
    }
  }
}
