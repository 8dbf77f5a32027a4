package dev.segue.bench.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * How many rows both tables hold and a sum over every value of theirs, found by plain SQL. Two that
 * are equal were made from the same rows.
 */
public record Fingerprint(long sessions, long messages, String sessionSum, String messageSum) {
  public Fingerprint {
    Objects.requireNonNull(sessionSum, "sessionSum");
    Objects.requireNonNull(messageSum, "messageSum");
  }

  public static Fingerprint of(Database database) throws SQLException {
    try (Connection connection = database.open();
        Statement statement = connection.createStatement()) {
      // Rows are compared by their text, which must not depend on who asks.
      statement.execute("SET TimeZone = 'UTC'");
      String[] sessions = sum(statement, "sessions");
      String[] messages = sum(statement, "messages");
      return new Fingerprint(
          Long.parseLong(sessions[0]), Long.parseLong(messages[0]), sessions[1], messages[1]);
    }
  }

  private static String[] sum(Statement statement, String table) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM "
                + table
                + " t")) {
      rows.next();
      return new String[] {rows.getString(1), rows.getString(2)};
    }
  }

  /** What a reader has to know if the target has the other of two that are not equal. */
  public String differenceTo(Fingerprint target) {
    if (sessions != target.sessions || messages != target.messages) {
      return "the source has "
          + sessions
          + " sessions and "
          + messages
          + " messages, the target "
          + target.sessions
          + " and "
          + target.messages;
    }
    return "both sides have the same number of rows, but not the same values";
  }
}
