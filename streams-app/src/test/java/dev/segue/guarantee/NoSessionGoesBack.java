package dev.segue.guarantee;

import dev.segue.support.Migration;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A reader of the target never sees a session go backwards, once the stream has passed the last
 * snapshot position.
 *
 * <p>Legal: a session's {@code updated_at} stays or grows from one look to the next; a session
 * appears once and disappears once. Illegal: {@code updated_at} gets smaller; a session that was
 * gone is there again (the workload never uses an id twice).
 */
final class NoSessionGoesBack implements Guarantee {
  private final Migration migration;
  private final List<String> broken = new ArrayList<>();
  private final Map<String, Long> seen = new HashMap<>();
  private final Set<String> gone = new HashSet<>();
  private final Thread thread = new Thread(this::read, "target-reader");
  private volatile boolean stopped;
  private final AtomicInteger looks = new AtomicInteger();

  NoSessionGoesBack(Migration migration) {
    this.migration = migration;
  }

  @Override
  public void watch() {
    thread.start();
  }

  private void read() {
    while (!stopped) {
      try (Connection target = migration.target();
          Statement statement = target.createStatement()) {
        while (!stopped) {
          look(statement);
          looks.incrementAndGet();
          Thread.sleep(40);
        }
      } catch (SQLException e) {
        pause();
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        broken.add("the reader failed: " + e);
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Statement statement) throws SQLException {
    Set<String> now = new HashSet<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT id::text, (extract(epoch FROM updated_at) * 1000000)::bigint"
                + " FROM aria_engine.chat_sessions")) {
      while (rows.next()) {
        String session = rows.getString(1);
        long updated = rows.getLong(2);
        now.add(session);
        Long before = seen.put(session, updated);
        if (before != null && before > updated) {
          broken.add("session " + session + " went back from " + before + " to " + updated);
        }
        if (gone.contains(session)) {
          broken.add("session " + session + " came back after it was gone");
        }
      }
    }
    for (String session : List.copyOf(seen.keySet())) {
      if (!now.contains(session)) {
        gone.add(session);
        seen.remove(session);
      }
    }
  }

  @Override
  public List<String> verdict() throws InterruptedException {
    close();
    if (looks.get() < 10) {
      broken.add("the reader looked only " + looks.get() + " times");
    }
    return broken;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
