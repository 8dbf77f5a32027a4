package dev.segue.postgres;

import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** An advisory lock in the target, held by a session that lives as long as the process. */
final class PostgresLease implements Target.Lease {
  private final PostgresConnections connections;
  private final String migration;
  private Connection holder;

  private PostgresLease(PostgresConnections connections, String migration, Connection holder) {
    this.connections = connections;
    this.migration = migration;
    this.holder = holder;
  }

  static PostgresLease take(PostgresConnections connections, String migration, boolean takeOver) {
    Connection connection = connections.openPatient();
    try {
      keepWhenIdle(connection);
      for (int attempt = 0; !tryLock(connection, migration); attempt++) {
        if (!takeOver || attempt == 50) {
          throw SystemFault.permanent(
              "migration '" + migration + "' is already running: " + holder(connection, migration),
              "stop that process first, or take the migration from it: segue run --take-over");
        }
        evict(connection, migration);
        Thread.sleep(100);
      }
      return new PostgresLease(connections, migration, connection);
    } catch (SQLException e) {
      PostgresConnections.close(connection);
      throw PostgresFaults.translate(e, "taking the lease in " + connections.describe());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      PostgresConnections.close(connection);
      throw SystemFault.passing("interrupted", e);
    } catch (SystemFault e) {
      PostgresConnections.close(connection);
      throw e;
    }
  }

  /** Servers may end sessions that are idle; this one is, most of the time. */
  private static void keepWhenIdle(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT set_config(name, '0', false) FROM pg_settings"
              + " WHERE name = 'idle_session_timeout'");
    }
  }

  private static boolean tryLock(Connection connection, String migration) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_try_advisory_lock(hashtext('segue.lease'), hashtext(?))")) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  private static final String HOLDERS =
      " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
          + " WHERE l.locktype = 'advisory' AND l.granted AND l.classid ="
          + " (hashtext('segue.lease')::bigint & 4294967295)::oid AND l.objid ="
          + " (hashtext(?)::bigint & 4294967295)::oid AND l.database ="
          + " (SELECT oid FROM pg_database WHERE datname = current_database())";

  private static String holder(Connection connection, String migration) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT a.application_name || ' from ' || coalesce(host(a.client_addr), 'local')"
                + " || ', since ' || date_trunc('second', a.backend_start)"
                + HOLDERS)) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getString(1) : "by a process that just ended";
      }
    }
  }

  /** Ends every session of ours in this database: the former holder's. */
  private static void evict(Connection connection, String migration) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_terminate_backend(a.pid)" + HOLDERS)) {
      statement.setString(1, migration);
      statement.execute();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = current_setting('application_name')"
                + " AND datname = current_database() AND pid <> pg_backend_pid()")) {
      statement.execute();
    }
  }

  @Override
  public synchronized void check() {
    try (Statement statement = holder.createStatement()) {
      statement.execute("SELECT 1");
    } catch (SQLException e) {
      // The session is gone, and the lock with it: whoever is first has it now.
      PostgresConnections.close(holder);
      try {
        holder = take(connections, migration, false).holder;
      } catch (SystemFault fault) {
        if (fault.nature() == SystemFault.Nature.PERMANENT
            && fault.getMessage().contains("already running")) {
          throw SystemFault.fenced(fault.getMessage());
        }
        throw fault;
      }
    }
  }

  @Override
  public synchronized void close() {
    PostgresConnections.close(holder);
  }
}
