package dev.segue.guarantee;

import dev.segue.support.Migration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A session has one owner at any time.
 *
 * <p>For each of some sessions one writer knows only the source and one only the target; both write
 * all the time, at every isolation level, some asleep in the middle of their transaction. Legal: a
 * write that is refused; a write that is accepted and sees every write of its session that was
 * accepted before it began, by either of the two. Illegal: an accepted write that does not, because
 * then both sides have accepted what the other did not know of; a session that nobody could ever
 * write to.
 */
final class OneOwner implements Guarantee {
  private static final int[] LEVELS = {
    Connection.TRANSACTION_READ_COMMITTED,
    Connection.TRANSACTION_REPEATABLE_READ,
    Connection.TRANSACTION_SERIALIZABLE
  };

  private final Migration migration;
  private final List<UUID> sessions;
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> broken = Collections.synchronizedList(new ArrayList<>());
  private final AtomicIntegerArray accepted;
  private final AtomicInteger atTarget = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile boolean stopped;

  OneOwner(Migration migration, List<UUID> sessions) {
    this.migration = migration;
    this.sessions = sessions;
    this.accepted = new AtomicIntegerArray(sessions.size());
  }

  /** Writes accepted by the target. */
  int atTarget() {
    return atTarget.get();
  }

  @Override
  public void watch() {
    for (int i = 0; i < sessions.size(); i++) {
      int session = i;
      for (boolean target : new boolean[] {false, true}) {
        Thread thread =
            new Thread(
                () -> write(session, target, new Random(session * 2L + (target ? 1 : 0))),
                "rival-" + session + (target ? "-target" : "-source"));
        threads.add(thread);
        thread.start();
      }
    }
  }

  private void write(int session, boolean target, Random random) {
    while (!stopped) {
      try (Connection connection = target ? migration.target() : migration.source()) {
        connection.setAutoCommit(false);
        while (!stopped) {
          connection.setTransactionIsolation(LEVELS[random.nextInt(LEVELS.length)]);
          attempt(connection, session, target, random);
          Thread.sleep(20 + random.nextInt(60));
        }
      } catch (SQLException e) {
        pause();
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        broken.add("a rival failed: " + e);
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void attempt(Connection connection, int session, boolean target, Random random)
      throws SQLException, InterruptedException {
    int before = accepted.get(session);
    String table = target ? "aria_engine.chat_messages" : "messages";
    try {
      insert(connection, table, sessions.get(session), target);
      if (random.nextInt(20) == 0) {
        Thread.sleep(random.nextInt(300));
      }
      int seen = count(connection, table, sessions.get(session)) - 1;
      connection.commit();
      if (seen < before) {
        broken.add(
            "the "
                + (target ? "target" : "source")
                + " accepted a write to session "
                + sessions.get(session)
                + " and saw "
                + seen
                + " of "
                + before
                + " that were accepted before");
      }
      accepted.incrementAndGet(session);
      if (target) {
        atTarget.incrementAndGet();
      }
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (!state.startsWith("SG") && !state.equals("40001")) {
        throw e;
      }
      refused.incrementAndGet();
      connection.rollback();
    }
  }

  private static void insert(Connection connection, String table, UUID session, boolean target)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO "
                + table
                + " (id, session_id, role, content, created_at)"
                + " VALUES (gen_random_uuid(), ?, 'rival', ?, now())")) {
      statement.setObject(1, session);
      statement.setString(2, target ? "at the target" : "at the source");
      statement.executeUpdate();
    }
  }

  private static int count(Connection connection, String table, UUID session) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT count(*) FROM " + table + " WHERE session_id = ? AND role = 'rival'")) {
      statement.setObject(1, session);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  @Override
  public List<String> verdict() throws Exception {
    close();
    List<String> all = new ArrayList<>(broken.stream().limit(10).toList());
    for (int i = 0; i < sessions.size(); i++) {
      String count = "SELECT count(*) FROM %s WHERE role = 'rival' AND session_id = '%s'";
      String here = migration.askSource(count.formatted("messages", sessions.get(i)));
      String there =
          migration.askTarget(count.formatted("aria_engine.chat_messages", sessions.get(i)));
      String expected = Integer.toString(accepted.get(i));
      if (!here.equals(expected) || !there.equals(expected)) {
        all.add(
            "session "
                + sessions.get(i)
                + ": "
                + expected
                + " writes were accepted, the source has "
                + here
                + ", the target "
                + there);
      }
      if (accepted.get(i) < 10) {
        all.add("session " + sessions.get(i) + " accepted only " + expected + " writes");
      }
    }
    if (refused.get() < 10) {
      all.add("only " + refused + " writes were refused: nothing was put to the test");
    }
    return all;
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
