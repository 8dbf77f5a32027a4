package dev.segue.postgres;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A mark on its way into the log, as a logical message: an object of {@code nonce} and {@code
 * sent_at}, which {@link DebeziumTranslator} reads.
 */
final class MarkMessage {
  private MarkMessage() {}

  /**
   * Writes a mark that appears in the log where the transaction commits.
   *
   * @param sentAt milliseconds since 1970
   * @return the position of the message itself
   */
  static long emit(Connection connection, String prefix, String nonce, long sentAt)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)::text")) {
      statement.setString(1, prefix);
      statement.setString(
          2, "{\"nonce\":" + JsonText.quote(nonce) + ",\"sent_at\":" + sentAt + "}");
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return SourcePosition.parseLog(rows.getString(1));
      }
    }
  }
}
