package dev.segue.bench.server;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * One database of one of the two servers, reached over loopback without a password.
 *
 * @param port of its server
 */
public record Database(int port, String name) {
  public static final String HOST = "127.0.0.1";
  public static final String USER = "postgres";

  public Connection open() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), USER, "");
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://" + HOST + ":" + port + "/" + name;
  }

  /** How {@code migration.yaml} and libpq's tools name it. */
  public String url() {
    return "postgresql://" + USER + "@" + HOST + ":" + port + "/" + name;
  }

  /** How {@code CREATE SUBSCRIPTION} names it. */
  public String conninfo() {
    return "host=" + HOST + " port=" + port + " user=" + USER + " dbname=" + name;
  }

  /** Executes statements, each in a transaction of its own. */
  public void execute(String... statements) throws SQLException {
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of the first row, as text; null if there is none. */
  public String ask(String sql) throws SQLException {
    try (Connection connection = open()) {
      return ask(connection, sql).orElse(null);
    }
  }

  /** The first column of the first row, as text; empty if there is none, or it is null. */
  public static Optional<String> ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
    }
  }
}
