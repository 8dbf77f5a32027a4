package dev.segue.postgres;

import dev.segue.spi.Connected;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Sessions that wait for their next piece of work, as long as somebody wants them to. */
final class OpenSessions {
  /** No more than the pieces of work that go on beside each other. */
  private static final int MOST = 4;

  /** One that lay idle for longer is asked whether it is still alive. */
  private static final Duration SURE = Duration.ofSeconds(1);

  private static final int ANSWER_SECONDS = 5;

  private final Deque<Idle> idle = new ArrayDeque<>();
  private int wanting;

  private record Idle(Connection connection, long since) {
    boolean isAlive() {
      try {
        return System.nanoTime() - since < SURE.toNanos() || connection.isValid(ANSWER_SECONDS);
      } catch (SQLException e) {
        return false;
      }
    }
  }

  /** Keeps what is given back, until this is closed. */
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

  /** The one that was used last; empty if all are in use, or none is wanted. */
  Optional<Connection> take() {
    for (Idle last = poll(); last != null; last = poll()) {
      if (last.isAlive()) {
        return Optional.of(last.connection());
      }
      PostgresConnections.close(last.connection());
    }
    return Optional.empty();
  }

  private synchronized Idle poll() {
    return idle.pollFirst();
  }

  /** Takes back one whose work was done without a fault; it commits each statement again. */
  void giveBack(Connection connection) {
    if (!isRoom() || !isReset(connection) || !keep(connection)) {
      PostgresConnections.close(connection);
    }
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
