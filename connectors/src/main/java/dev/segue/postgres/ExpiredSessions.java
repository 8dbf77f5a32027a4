package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.relational.TableId;
import dev.segue.spi.OffsetChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which deletions are none: their session's time had come, so that the source let it expire, and
 * the target is to keep it.
 */
final class ExpiredSessions {
  private static final Field EXPIRES_AT = Kind.SESSION.field("expires_at").orElseThrow();

  /** Two clocks, and the time until a store comes to what has expired. */
  private static final Duration SLACK = Duration.ofSeconds(15);

  private final Optional<TargetTable> sessions;
  private final Optional<String> column;

  ExpiredSessions(Map<Kind, TargetTable> tables) {
    this.sessions = Optional.ofNullable(tables.get(Kind.SESSION));
    this.column =
        sessions
            .map(TargetTable::expiry)
            .filter(OptionalInt::isPresent)
            .map(index -> sessions.get().columnNames().get(index.getAsInt()));
  }

  /** The deletions of a batch that are to be passed over. */
  Set<OffsetChange> keptBy(Connection connection, List<OffsetChange> changes) throws SQLException {
    Set<OffsetChange> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    if (column.isEmpty() || changes.stream().noneMatch(c -> c.change().unlessExpired())) {
      return kept;
    }
    Map<String, Optional<Instant>> times = new HashMap<>();
    for (OffsetChange one : changes) {
      CanonicalChange change = one.change();
      if (change instanceof CanonicalChange.Upsert upsert
          && upsert.entity().kind() == Kind.SESSION
          && !upsert.entity().isAbsent(EXPIRES_AT)) {
        times.put(change.sessionId(), instant(upsert.entity().text(EXPIRES_AT)));
      } else if (change.unlessExpired()) {
        Optional<Instant> time = times.get(change.sessionId());
        if (time == null) {
          time = ask(connection, change.sessionId());
          times.put(change.sessionId(), time);
        }
        Instant gone = Instant.ofEpochMilli(change.committedAt()).plus(SLACK);
        if (time.isPresent() && time.get().isBefore(gone)) {
          kept.add(one);
        }
      }
    }
    return kept;
  }

  private static Optional<Instant> instant(String text) {
    return text == null || !text.endsWith("Z")
        ? Optional.empty()
        : Optional.of(OffsetDateTime.parse(text).toInstant());
  }

  private Optional<Instant> ask(Connection connection, String session) throws SQLException {
    TargetTable table = sessions.orElseThrow();
    String sql =
        "SELECT t."
            + TableId.quote(column.orElseThrow())
            + " FROM "
            + table.id().sql()
            + " t WHERE t."
            + TableId.quote(table.columnNames().get(table.sessionIndex()))
            + " = ?::"
            + table.writer().columns().get(table.sessionIndex()).type().name();
    Savepoint before = connection.setSavepoint();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, table.writer().sessionText(session));
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getTimestamp(1) != null
            ? Optional.of(rows.getTimestamp(1).toInstant())
            : Optional.empty();
      }
    } catch (SQLException e) {
      if (!PostgresFaults.isData(e.getSQLState())) {
        throw e;
      }
      // A session whose id the column cannot hold is not there.
      connection.rollback(before);
      return Optional.empty();
    }
  }
}
