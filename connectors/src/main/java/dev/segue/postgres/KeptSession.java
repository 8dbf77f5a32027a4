package dev.segue.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** A session that is kept between two pieces of work. One thread at a time. */
final class KeptSession implements AutoCloseable {
  private final PostgresConnections connections;
  private Connection connection;

  KeptSession(PostgresConnections connections) {
    this.connections = connections;
  }

  /** Runs one piece of work, on a fresh session if there is none or the one there was is dead. */
  <T> T with(String doing, PostgresConnections.Work<T> work) {
    if (connection != null) {
      try {
        return work.run(connection);
      } catch (SQLException e) {
        // It may have died with its server, long ago. A fresh one tells how the server is now.
        close();
      }
    }
    connection = connections.openBrisk();
    try {
      return work.run(connection);
    } catch (SQLException e) {
      close();
      throw PostgresFaults.translate(e, doing + " on " + connections.describe());
    }
  }

  @Override
  public void close() {
    PostgresConnections.close(connection);
    connection = null;
  }
}
