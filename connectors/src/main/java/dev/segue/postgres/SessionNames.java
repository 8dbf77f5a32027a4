package dev.segue.postgres;

import dev.segue.layout.Identifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The sessions whose ids a column of UUIDs holds as UUIDs made of them, told by table {@code
 * segue.session_name}. A name is there from the session's first row on, and never changes; so what
 * was looked up once is remembered. That there was nothing is so for some seconds: somebody may
 * have written a row of a UUID before the session that it is made of came.
 */
final class SessionNames implements UnaryOperator<String>, AutoCloseable {
  /** The table; several of our schemas need it, and whichever is made first makes it. */
  static final String DDL =
      """
      CREATE TABLE IF NOT EXISTS segue.session_name (
        migration text, spelled text, session_id text NOT NULL, PRIMARY KEY (migration, spelled));
      """;

  /** For so long it counts that there was no name. */
  private static final long UNNAMED_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** So many are remembered. */
  private static final int REMEMBERED = 50_000;

  private final PostgresConnections connections;
  private final String migration;
  private final Map<String, String> remembered = new Recent<>();
  private final Map<String, Long> unnamed = new Recent<>();
  private Connection connection;
  private boolean hasTable;

  /**
   * @param migration whatever the direction
   */
  SessionNames(PostgresConnections connections, String migration) {
    this.connections = connections;
    this.migration = migration;
  }

  /** What was used last. */
  static final class Recent<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > REMEMBERED;
    }
  }

  /** Whether the table is there. */
  static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT to_regclass('segue.session_name') IS NOT NULL")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  /** Removes the names of a migration. */
  static void forget(Connection connection, String migration) throws SQLException {
    if (exists(connection)) {
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM segue.session_name WHERE migration = ?")) {
        statement.setString(1, migration);
        statement.executeUpdate();
      }
    }
  }

  /**
   * The session that a UUID was made of; any other id is itself.
   *
   * @param id as the layout's own rule reads it
   */
  @Override
  public synchronized String apply(String id) {
    if (!Identifiers.isMade(id)) {
      return id;
    }
    String known = remembered.get(id);
    if (known != null) {
      return known;
    }
    Long none = unnamed.get(id);
    if (none != null && System.nanoTime() - none < UNNAMED_NANOS) {
      return id;
    }
    known = lookUp(id);
    if (known.equals(id)) {
      unnamed.put(id, System.nanoTime());
    } else {
      remembered.put(id, known);
      unnamed.remove(id);
    }
    return known;
  }

  private String lookUp(String id) {
    // Between two questions the session may have been idle for long enough to be cut off.
    for (boolean again = connection != null; ; again = false) {
      try {
        if (connection == null) {
          connection = connections.open();
        }
        hasTable = hasTable || exists(connection);
        return hasTable ? ask(id) : id;
      } catch (SQLException e) {
        close();
        if (!again) {
          throw PostgresFaults.translate(
              e, "looking for the name of a session in " + connections.describe());
        }
      }
    }
  }

  private String ask(String id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT session_id FROM segue.session_name WHERE migration = ? AND spelled = ?")) {
      statement.setString(1, migration);
      statement.setString(2, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getString(1) : id;
      }
    }
  }

  @Override
  public synchronized void close() {
    PostgresConnections.close(connection);
    connection = null;
  }
}
