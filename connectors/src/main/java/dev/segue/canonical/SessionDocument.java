package dev.segue.canonical;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A session with all that belongs to it.
 *
 * @param entities in the order in which they were kept; the session itself may be among them
 */
public record SessionDocument(String sessionId, List<Entity> entities) {
  public SessionDocument {
    Objects.requireNonNull(sessionId, "sessionId");
    entities = List.copyOf(entities);
  }

  /** The session itself. */
  public Optional<Entity> session() {
    return entities.stream().filter(entity -> entity.kind() == Kind.SESSION).findFirst();
  }

  /** What it has of a kind. */
  public List<Entity> of(Kind kind) {
    return entities.stream().filter(entity -> entity.kind() == kind).toList();
  }
}
