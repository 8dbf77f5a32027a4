package dev.segue.postgres;

import dev.segue.layout.Identifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Writes into {@code segue.session_name} what sessions are called whose UUIDs were made of their
 * ids, in the transaction that writes their rows. For one thread.
 */
final class SessionNaming {
  private final String migration;
  private final boolean needed;
  private final Map<String, Boolean> known = new SessionNames.Recent<>();
  private final SortedSet<String> written = new TreeSet<>();

  /**
   * @param migration whatever the direction
   * @param needed whether the database spells sessions as UUIDs
   */
  SessionNaming(String migration, boolean needed) {
    this.migration = migration;
    this.needed = needed;
  }

  /** For the tables that a direction writes to. */
  static SessionNaming of(PostgresNames names, Collection<TargetTable> tables) {
    return new SessionNaming(
        names.whole(), tables.stream().anyMatch(table -> table.writer().spellsSessionsAsUuid()));
  }

  /** Whether there may be anything to write at all. */
  boolean isNeeded() {
    return needed;
  }

  /** Names those of some sessions that need it and may not be named yet. */
  void write(Connection connection, Collection<String> sessions) throws SQLException {
    written.clear();
    if (!needed) {
      return;
    }
    for (String session : sessions) {
      if (session != null && !Identifiers.isReversible(session) && !known.containsKey(session)) {
        written.add(session);
      }
    }
    if (written.isEmpty()) {
      return;
    }
    // In one order, so that two that name the same sessions never wait for each other.
    List<String> ids = List.copyOf(written);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.session_name SELECT ?, u.spelled, u.id"
                + " FROM unnest(?::text[], ?::text[]) u(spelled, id) ON CONFLICT DO NOTHING")) {
      statement.setString(1, migration);
      statement.setArray(
          2, connection.createArrayOf("text", ids.stream().map(Identifiers::toUuid).toArray()));
      statement.setArray(3, connection.createArrayOf("text", ids.toArray()));
      statement.executeUpdate();
    }
  }

  /** Says that the transaction of the last {@link #write} is committed. */
  void committed() {
    written.forEach(session -> known.put(session, true));
    written.clear();
  }
}
