package dev.segue.bench.measure;

import dev.segue.bench.server.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.HdrHistogram.Histogram;

/**
 * Looks every few milliseconds which messages have become visible in the target. What it tells is
 * too long by that pause and a query at most, for every contender alike.
 */
final class Observer implements AutoCloseable {
  private static final long PAUSE_MILLIS = 4;
  private static final int MOST_ASKED = 2000;

  private final Connection connection;
  private final PreparedStatement seen;

  Observer(Database target) throws SQLException {
    connection = target.open();
    seen = connection.prepareStatement("SELECT id FROM messages WHERE id = ANY (?)");
  }

  /**
   * Looks for a while.
   *
   * @param unseen messages and when they were committed, in {@link System#nanoTime}; what is seen
   *     is taken out
   * @return microseconds from commit to visible, of all that became visible meanwhile
   */
  Histogram watch(Map<UUID, Long> unseen, double seconds)
      throws SQLException, InterruptedException {
    Histogram histogram = new Histogram(3);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      look(unseen, histogram);
      Thread.sleep(PAUSE_MILLIS);
    }
    return histogram;
  }

  private void look(Map<UUID, Long> unseen, Histogram histogram) throws SQLException {
    Object[] asked = unseen.keySet().stream().limit(MOST_ASKED).toArray();
    if (asked.length == 0) {
      return;
    }
    seen.setArray(1, connection.createArrayOf("uuid", asked));
    try (ResultSet rows = seen.executeQuery()) {
      long now = System.nanoTime();
      while (rows.next()) {
        long committed = unseen.remove(rows.getObject(1, UUID.class));
        histogram.recordValue(Math.max(0, now - committed) / 1000);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
