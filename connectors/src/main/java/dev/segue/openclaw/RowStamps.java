package dev.segue.openclaw;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The stamps of sessions, from the rows that tell of them. */
final class RowStamps {
  private final Map<String, MessageDigest> digests = new HashMap<>();

  /**
   * What stands of a session.
   *
   * @param rows all that its rows say, but of its lines only how many there are and the last one
   * @param lines what all of its lines say, as far as somebody has looked
   */
  record Stamp(ByteBuffer rows, ByteBuffer lines) implements SessionStamp {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    static Stamp of(String session, Map<String, ByteBuffer> rows, Map<String, ByteBuffer> lines) {
      return new Stamp(rows.getOrDefault(session, NOTHING), lines.getOrDefault(session, NOTHING));
    }
  }

  /** Adds what a row says of the session that its first column names, if others tell of it too. */
  void addToKnown(ResultSet row) throws SQLException {
    if (digests.containsKey(row.getString(1))) {
      add(row);
    }
  }

  /** Adds what a row says of the session that its first column names. */
  void add(ResultSet row) throws SQLException {
    String session = row.getString(1);
    if (session.indexOf('\0') >= 0) {
      // No row of another database can have a name with that, so it is nobody's.
      return;
    }
    int columns = row.getMetaData().getColumnCount();
    for (int i = 2; i <= columns; i++) {
      add(session, row.getBytes(i));
    }
  }

  /** Adds a value, or null. */
  void add(String session, byte[] value) {
    MessageDigest digest = digests.computeIfAbsent(session, unused -> sha256());
    digest.update(ByteBuffer.allocate(4).putInt(value == null ? -1 : value.length).flip());
    if (value != null) {
      digest.update(value);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What was added for each session; nothing may be added any more. */
  Map<String, ByteBuffer> all() {
    Map<String, ByteBuffer> all = new TreeMap<>();
    digests.forEach((session, digest) -> all.put(session, ByteBuffer.wrap(digest.digest())));
    return all;
  }
}
