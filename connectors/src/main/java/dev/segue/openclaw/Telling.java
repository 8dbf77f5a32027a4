package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells what became of sessions: the entities that are new or others than before, then, unless
 * nothing went, which of them there are.
 */
final class Telling {
  /** What a record of the topic can hold, less what is around it. */
  private static final int MOST_BYTES = 60 << 20;

  private final Collection<Kind> kinds;
  private final Told told;
  private final FileBatch batch;

  Telling(Collection<Kind> kinds, Told told, FileBatch batch) {
    this.kinds = kinds;
    this.told = told;
    this.batch = batch;
  }

  /** Tells a session as it was read. */
  void tell(SessionReading reading) {
    String session = reading.session();
    Optional<Told.State> before = told.of(session);
    boolean parked = before.filter(Told.State::parked).isPresent();
    if (reading.wrong().isPresent()) {
      refuse(reading, parked, reading.wrong().get());
    } else if (reading.entities().isEmpty()) {
      gone(session);
      // Something of it may be there and mean nothing to us.
      remember(reading, false, Optional.of(Set.of()));
    } else {
      present(reading, before, parked);
    }
  }

  private void refuse(SessionReading reading, boolean parked, String reason) {
    if (!parked) {
      batch.add(
          Optional.of(reading.session()),
          (position, time) -> new CanonicalChange.Park(position, time, reading.session(), reason));
    }
    remember(reading, true, Optional.empty());
  }

  private void present(SessionReading reading, Optional<Told.State> before, boolean parked) {
    String session = reading.session();
    Map<Long, Entity> now = new LinkedHashMap<>();
    for (Entity entity : reading.entities()) {
      byte[] value = CanonicalCodec.write(entity).getBytes(UTF_8);
      if (value.length > MOST_BYTES) {
        refuse(
            reading,
            parked,
            entity + " has " + value.length + " bytes, of which " + MOST_BYTES + " can travel");
        return;
      }
      now.put(mark(value), entity);
    }
    // Who was parked before this process began is not known here.
    if (parked || before.isEmpty()) {
      release(session);
    }
    Optional<Set<Long>> known = before.flatMap(Told.State::entities);
    before.ifPresent(state -> told.put(session, state.uncertain()));
    now.forEach(
        (mark, entity) -> {
          if (known.filter(marks -> marks.contains(mark)).isEmpty()) {
            batch.add(
                Optional.of(session),
                (position, time) -> new CanonicalChange.Upsert(position, time, entity));
          }
        });
    if (known.filter(now.keySet()::containsAll).isEmpty()) {
      for (Kind kind : kinds) {
        retain(session, kind, identities(reading.entities(), kind));
      }
    }
    remember(reading, false, Optional.of(now.keySet()));
  }

  /** A mark by which an entity that was told is known again. */
  private static long mark(byte[] value) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(value)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static List<List<String>> identities(List<Entity> entities, Kind kind) {
    List<Field> identity = kind.identity().stream().skip(1).toList();
    return entities.stream()
        .filter(entity -> entity.kind() == kind)
        .map(entity -> identity.stream().map(entity::text).toList())
        .toList();
  }

  /** Tells that a session is not there any more. */
  void gone(String session) {
    release(session);
    kinds.forEach(kind -> retain(session, kind, List.of()));
    batch.afterwards(() -> told.forget(session));
  }

  private void remember(SessionReading reading, boolean parked, Optional<Set<Long>> entities) {
    Told.State state = new Told.State(reading.stamp(), reading.settled(), parked, entities);
    batch.afterwards(() -> told.put(reading.session(), state));
  }

  private void retain(String session, Kind kind, List<List<String>> kept) {
    batch.add(
        Optional.of(session),
        (position, time) -> new CanonicalChange.Retain(position, time, kind, session, kept, false));
  }

  private void release(String session) {
    batch.add(
        Optional.of(session),
        (position, time) -> new CanonicalChange.Release(position, time, session));
  }
}
