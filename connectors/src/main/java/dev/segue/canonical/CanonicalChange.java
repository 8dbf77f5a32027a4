package dev.segue.canonical;

import java.util.List;
import java.util.Objects;

/**
 * What travels from the topology to the sink: something that happened, at a place in the source.
 */
public sealed interface CanonicalChange {
  /** Where in the source's order this happened. */
  SourcePosition position();

  /** When the source committed it, milliseconds since 1970 by the source's clock; 0 if unknown. */
  long committedAt();

  /** The session it belongs to, or null for what concerns every session. */
  String sessionId();

  /** Whether it means nothing where the target knows that its session's time had come. */
  default boolean unlessExpired() {
    return false;
  }

  /** An entity has these values now. */
  record Upsert(SourcePosition position, long committedAt, Entity entity)
      implements CanonicalChange {
    public Upsert {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(entity, "entity");
    }

    @Override
    public String sessionId() {
      return entity.sessionId();
    }
  }

  /**
   * An entity is gone from its session; of the entity at least the identity is known.
   *
   * @param unlessExpired whether nothing is meant if the target knows that the session's time had
   *     come: what a source lets expire is to be kept, and its log does not tell which it was
   */
  record Delete(SourcePosition position, long committedAt, Entity entity, boolean unlessExpired)
      implements CanonicalChange {
    public Delete {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(entity, "entity");
    }

    public Delete(SourcePosition position, long committedAt, Entity entity) {
      this(position, committedAt, entity, false);
    }

    @Override
    public String sessionId() {
      return entity.sessionId();
    }
  }

  /** All entities that a table of the source held are gone. Travels to every partition. */
  record Truncate(SourcePosition position, long committedAt, String table)
      implements CanonicalChange {
    public Truncate {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(table, "table");
    }

    @Override
    public String sessionId() {
      return null;
    }
  }

  /**
   * Of a kind the session has these entities and no others. What a source tells whose log names a
   * change, but not all that the change did.
   *
   * @param kept what identifies each of them within its session, in the order of {@link
   *     Kind#identity}
   * @param unlessExpired see {@link Delete}
   */
  record Retain(
      SourcePosition position,
      long committedAt,
      Kind kind,
      String sessionId,
      List<List<String>> kept,
      boolean unlessExpired)
      implements CanonicalChange {
    public Retain {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(sessionId, "sessionId");
      kept = kept.stream().map(List::copyOf).toList();
    }

    /** The entities that are kept; only what identifies them is known. */
    public List<Entity> entities() {
      List<Field> identity = kind.identity();
      return kept.stream()
          .map(
              texts -> {
                Entity.Builder entity = Entity.of(kind).set(identity.get(0), sessionId);
                for (int i = 0; i < texts.size(); i++) {
                  entity.set(identity.get(i + 1), texts.get(i));
                }
                return entity.build();
              })
          .toList();
    }
  }

  /** From here on this session's changes are kept as dead letters; the reason says why. */
  record Park(SourcePosition position, long committedAt, String sessionId, String reason)
      implements CanonicalChange {
    public Park {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(sessionId, "sessionId");
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** From here on this session's changes are applied again, for what follows tells all of it. */
  record Release(SourcePosition position, long committedAt, String sessionId)
      implements CanonicalChange {
    public Release {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(sessionId, "sessionId");
    }
  }

  /**
   * A mark that Segue wrote into the source's log itself; every partition sees it in its place.
   *
   * @param nonce names this mark; a barrier waits for exactly its own
   * @param sentAt when it was written, milliseconds since 1970 by the clock of the writing process
   */
  record Mark(SourcePosition position, long committedAt, String nonce, long sentAt)
      implements CanonicalChange {
    public Mark {
      Objects.requireNonNull(position, "position");
      Objects.requireNonNull(nonce, "nonce");
    }

    @Override
    public String sessionId() {
      return null;
    }
  }
}
