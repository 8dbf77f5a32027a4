package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import java.util.List;
import java.util.Optional;

/**
 * A session as it is now.
 *
 * @param stamp changes whenever it has to be read again
 * @param settled whether the stamp can be relied on; if not, it has to be read again anyway
 * @param entities what it has; empty if it is gone, or cannot be read
 * @param wrong why it cannot be read
 */
record SessionReading(
    String session,
    SessionStamp stamp,
    boolean settled,
    List<Entity> entities,
    Optional<String> wrong) {
  SessionReading {
    entities = List.copyOf(entities);
  }
}
