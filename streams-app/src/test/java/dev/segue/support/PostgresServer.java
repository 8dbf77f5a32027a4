package dev.segue.support;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** A real PostgreSQL server that a test may restart and kill. */
public interface PostgresServer extends AutoCloseable {
  int port();

  String password();

  /** Stops as an operator would (fast), and starts again. */
  void restart() throws Exception;

  /** Kills every process of the server with -9, and starts again. */
  void kill() throws Exception;

  @Override
  void close();

  default String url(String database) {
    return "postgresql://postgres:" + password() + "@127.0.0.1:" + port() + "/" + database;
  }

  default Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", password());
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/" + database, properties);
  }

  /** Makes an empty database. */
  default void createDatabase(String name) throws SQLException {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
  }

  /** Runs statements in a database. */
  default void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The single value that a query gives, as text. */
  default String ask(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
