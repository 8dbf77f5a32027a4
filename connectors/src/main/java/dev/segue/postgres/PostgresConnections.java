package dev.segue.postgres;

import dev.segue.spi.Connected;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.PGProperty;

/**
 * Opens sessions of one database in which every value is spelt the same way, whatever the role's or
 * the server's settings are.
 */
final class PostgresConnections {
  /** A peer that vanished without a word must not block us for ever. */
  private static final int PATIENCE_SECONDS = 120;

  private static final int BRISK_SECONDS = 10;

  private final String side;
  private final PostgresAddress address;
  private final String applicationName;
  private final int patience;
  private final OpenSessions sessions = new OpenSessions(this::open);

  /**
   * @param side {@code source} or {@code target}, for messages
   * @param applicationName how the server's own views name our sessions
   */
  PostgresConnections(String side, PostgresAddress address, String applicationName) {
    this(side, address, applicationName, PATIENCE_SECONDS);
  }

  private PostgresConnections(
      String side, PostgresAddress address, String applicationName, int patience) {
    this.side = side;
    this.address = address;
    this.applicationName = applicationName;
    this.patience = patience;
  }

  /** The same for questions that are answered at once, or else by nobody. */
  PostgresConnections brisk() {
    return new PostgresConnections(side, address, applicationName, BRISK_SECONDS);
  }

  String describe() {
    return side + " " + address;
  }

  PostgresAddress address() {
    return address;
  }

  String applicationName() {
    return applicationName;
  }

  /** A session that commits each statement. */
  Connection open() {
    Properties properties = properties();
    PGProperty.SOCKET_TIMEOUT.set(properties, patience);
    return open(properties);
  }

  /** A session for work that may be silent for long, such as a copy or a wait. */
  Connection openPatient() {
    return open(properties());
  }

  /** A session that speaks the replication protocol. */
  Connection openReplication() {
    Properties properties = properties();
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
    try {
      return DriverManager.getConnection(address.jdbcUrl(), properties);
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, "connecting for replication to " + describe());
    }
  }

  private Properties properties() {
    Properties properties = address.driverProperties();
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.CONNECT_TIMEOUT.set(properties, 10);
    PGProperty.LOGIN_TIMEOUT.set(properties, 15);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.PREPARE_THRESHOLD.set(properties, 3);
    return properties;
  }

  private Connection open(Properties properties) {
    try {
      Connection connection = DriverManager.getConnection(address.jdbcUrl(), properties);
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'iso_8601';"
                + " SET extra_float_digits = 1; SET bytea_output = 'hex';"
                + " SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      return connection;
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, "connecting to " + describe());
    }
  }

  /** Runs one piece of work on a fresh session. */
  <T> T with(String doing, Work<T> work) {
    try (Connection connection = open()) {
      return work.run(connection);
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, doing + " on " + describe());
    }
  }

  /**
   * Has this session's commits survive a crash of the server, whatever its settings say. More than
   * {@code on}, such as waiting for a standby, stays.
   */
  static void commitDurably(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT set_config('synchronous_commit', 'on', false)"
              + " WHERE current_setting('synchronous_commit') = 'off'");
    }
  }

  /** Runs one transaction on a fresh session; once it is committed, no crash takes it back. */
  <T> T transact(String doing, Work<T> work) {
    return with(doing, connection -> inTransaction(connection, work));
  }

  private static <T> T inTransaction(Connection connection, Work<T> work) throws SQLException {
    commitDurably(connection);
    connection.setAutoCommit(false);
    T result = work.run(connection);
    connection.commit();
    return result;
  }

  /** Has {@link #withKept} and {@link #transactKept} keep their sessions until this is closed. */
  Connected stayConnected() {
    return sessions.want();
  }

  /**
   * Runs one piece of work, on a session that was kept if there is one. What it sets for longer
   * than a transaction would be set for the next one too.
   */
  <T> T withKept(String doing, Work<T> work) {
    try {
      return sessions.with(work);
    } catch (SQLException e) {
      throw PostgresFaults.translate(e, doing + " on " + describe());
    }
  }

  /** As {@link #transact}, likewise. */
  <T> T transactKept(String doing, Work<T> work) {
    return withKept(doing, connection -> inTransaction(connection, work));
  }

  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  static void close(AutoCloseable resource) {
    if (resource == null) {
      return;
    }
    try {
      resource.close();
    } catch (Exception e) {
      // It is being thrown away; the server notices by itself.
      org.slf4j.LoggerFactory.getLogger(PostgresConnections.class)
          .atDebug()
          .setCause(e)
          .log("closing failed");
    }
  }

  /** The fault for a session that the server does not have any more. */
  static SystemFault lost(String what) {
    return SystemFault.passing(what + " was lost", null);
  }
}
