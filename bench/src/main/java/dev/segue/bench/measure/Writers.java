package dev.segue.bench.measure;

import dev.segue.bench.server.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * People who write at a steady rate: a new message and its session's update in each transaction.
 * Which messages were committed when is known; whoever has seen one takes it out.
 */
final class Writers implements AutoCloseable {
  private static final int THREADS = 4;
  private static final String MESSAGE =
      "INSERT INTO messages VALUES (?, md5('session/' || ?)::uuid, 'user', ?, clock_timestamp(),"
          + " NULL, NULL, '{\"model\": \"kimi-1\", \"tokens\": 120}')";
  private static final String SESSION =
      "UPDATE sessions SET updated_at = clock_timestamp() WHERE id = md5('session/' || ?)::uuid";
  private static final String CONTENT = "Nothing is as long as it looks, and so it goes on. ";

  private final Database source;
  private final int sessions;
  private final double rate;
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentMap<UUID, Long> unseen = new ConcurrentHashMap<>();
  private volatile boolean stopped;
  private volatile Exception failure;

  private Writers(Database source, int sessions, double rate) {
    this.source = source;
    this.sessions = sessions;
    this.rate = rate;
  }

  /**
   * Starts them.
   *
   * @param rate transactions a second, all of them together
   */
  static Writers start(Database source, int sessions, double rate) {
    Writers writers = new Writers(source, sessions, rate);
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      Thread thread = new Thread(() -> writers.write(number), "writer-" + i);
      writers.threads.add(thread);
      thread.start();
    }
    return writers;
  }

  /** Messages that were committed and that nobody has seen in the target yet, with when. */
  ConcurrentMap<UUID, Long> unseen() {
    return unseen;
  }

  private void write(int number) {
    Random random = new Random(number);
    try (Connection connection = source.open();
        PreparedStatement message = connection.prepareStatement(MESSAGE);
        PreparedStatement session = connection.prepareStatement(SESSION)) {
      connection.setAutoCommit(false);
      long began = System.nanoTime();
      for (long i = 0; !stopped; i++) {
        long wait = began + (long) (i * THREADS / rate * 1e9) - System.nanoTime();
        if (wait > 0) {
          Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
        UUID id = new UUID(random.nextLong(), random.nextLong());
        int who = random.nextInt(sessions);
        message.setObject(1, id);
        message.setInt(2, who);
        message.setString(3, CONTENT.repeat(4 + random.nextInt(5)));
        message.executeUpdate();
        session.setInt(1, who);
        session.executeUpdate();
        connection.commit();
        unseen.put(id, System.nanoTime());
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends them; throws what kept one of them from writing. */
  void finish() throws Exception {
    close();
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}
