package dev.segue.postgres;

import dev.segue.ownership.Owner;
import dev.segue.spi.OffsetChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Sessions that belong to the very database that changes are applied to. Nobody on the other side
 * may have written to them, so what comes of them got past the fence there, and would overwrite
 * what their owner has. While a session changes hands its changes count: then both sides are still.
 */
final class ForeignSessions {
  private static final String QUERY =
      """
      SELECT u.id FROM unnest(?::text[]) u(id)
      JOIN segue.slot_owner s ON s.migration = ? AND s.slot = segue.slot_of(u.id)
      LEFT JOIN segue.session_owner n ON n.migration = s.migration AND n.session_id = u.id
      WHERE coalesce(n.owner, s.owner) = ?
        AND (CASE WHEN n.owner IS NULL THEN s.moving ELSE n.moving END) IS NULL
      """;

  private final String migration;
  private final Owner side;
  private boolean installed;

  ForeignSessions(String migration, Owner side) {
    this.migration = migration;
    this.side = side;
  }

  /** Those among the sessions of some changes. */
  Set<String> among(Connection connection, List<OffsetChange> changes) throws SQLException {
    installed = installed || FenceSchema.exists(connection);
    if (!installed) {
      return Set.of();
    }
    Object[] sessions =
        changes.stream()
            .map(change -> change.change().sessionId())
            .filter(Objects::nonNull)
            .distinct()
            .toArray();
    Set<String> foreign = new HashSet<>();
    if (sessions.length == 0) {
      return foreign;
    }
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setArray(1, connection.createArrayOf("text", sessions));
      statement.setString(2, migration);
      statement.setString(3, side.toString());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          foreign.add(rows.getString(1));
        }
      }
    }
    return foreign;
  }
}
