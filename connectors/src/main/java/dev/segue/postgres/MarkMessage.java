package dev.segue.postgres;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Map;

/**
 * A mark on its way through the log, as a logical message: an object of {@code nonce} and {@code
 * sent_at}.
 *
 * @param sentAt by this process's clock, milliseconds since 1970
 */
record MarkMessage(String nonce, long sentAt) {
  /**
   * Reads what {@link #emit} wrote.
   *
   * @param content as an event has it: base64, as all bytes; null where it has none
   * @throws MalformedRecordException if it is not JSON, or lacks one of both
   */
  static MarkMessage read(String content) {
    try {
      byte[] json = Base64.getDecoder().decode(content == null ? "" : content);
      Map<String, String> members = JsonText.membersOf(new String(json, StandardCharsets.UTF_8));
      String nonce = JsonText.unquote(members.getOrDefault("nonce", "null"));
      if (nonce == null) {
        throw new MalformedRecordException("has no nonce");
      }
      return new MarkMessage(nonce, Long.parseLong(members.getOrDefault("sent_at", "")));
    } catch (MalformedRecordException | IllegalArgumentException e) {
      throw new MalformedRecordException("carries a mark that cannot be read", e);
    }
  }

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
