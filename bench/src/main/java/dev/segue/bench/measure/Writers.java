package dev.segue.bench.measure;

import dev.segue.bench.server.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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
  private final ConcurrentMap<UUID, Long> unseen = new ConcurrentHashMap<>();
  private final Crew crew;

  private Writers(Database source, int sessions, double rate) {
    this.source = source;
    this.sessions = sessions;
    this.crew = Crew.start("writer", THREADS, rate, this::write);
  }

  /**
   * Starts them.
   *
   * @param rate transactions a second, all of them together
   */
  static Writers start(Database source, int sessions, double rate) {
    return new Writers(source, sessions, rate);
  }

  /** Messages that were committed and that nobody has seen in the target yet, with when. */
  ConcurrentMap<UUID, Long> unseen() {
    return unseen;
  }

  private void write(Random random, Crew own) throws SQLException, InterruptedException {
    try (Connection connection = source.open();
        PreparedStatement message = connection.prepareStatement(MESSAGE);
        PreparedStatement session = connection.prepareStatement(SESSION)) {
      connection.setAutoCommit(false);
      for (long due = System.nanoTime(); !own.isStopped(); ) {
        due = own.awaitTurn(due);
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
    }
  }

  /** Ends them; throws what kept one of them from writing. */
  void finish() throws Exception {
    crew.finish();
  }

  @Override
  public void close() {
    crew.close();
  }
}
