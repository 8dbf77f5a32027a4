package dev.segue.openclaw;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.spi.OffsetChange;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which deletions are none: their session's time had come, so that the source let it expire, and
 * the store is to keep it.
 */
final class ExpiredRows {
  /** Two clocks, and the time until a store comes to what has expired. */
  private static final Duration SLACK = Duration.ofSeconds(15);

  private ExpiredRows() {}

  /** The deletions of a batch that are to be passed over. */
  static Set<OffsetChange> keptBy(BesideStore store, List<OffsetChange> changes)
      throws SQLException {
    Set<OffsetChange> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    if (changes.stream().noneMatch(one -> one.change().unlessExpired())) {
      return kept;
    }
    Map<String, Optional<Instant>> times = new HashMap<>();
    for (OffsetChange one : changes) {
      CanonicalChange change = one.change();
      if (change instanceof CanonicalChange.Upsert upsert && tellsExpiry(upsert.entity())) {
        times.put(change.sessionId(), expiry(upsert.entity()));
      } else if (change.unlessExpired()) {
        if (!times.containsKey(change.sessionId())) {
          times.put(
              change.sessionId(),
              EntityTable.session(store, change.sessionId()).flatMap(ExpiredRows::expiry));
        }
        Instant gone = Instant.ofEpochMilli(change.committedAt()).plus(SLACK);
        if (times.get(change.sessionId()).filter(time -> time.isBefore(gone)).isPresent()) {
          kept.add(one);
        }
      }
    }
    return kept;
  }

  private static boolean tellsExpiry(Entity entity) {
    return entity.kind() == Kind.SESSION
        && !entity.isAbsent(Kind.SESSION.field("expires_at").orElseThrow());
  }

  /** When a session's time comes; empty if it never does. */
  static Optional<Instant> expiry(Entity session) {
    return Optional.ofNullable(session.text("expires_at"))
        .filter(time -> time.endsWith("Z"))
        .map(time -> OffsetDateTime.parse(time).toInstant());
  }
}
