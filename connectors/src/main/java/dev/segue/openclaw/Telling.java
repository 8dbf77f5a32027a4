package dev.segue.openclaw;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tells what became of sessions: the entities that are new or others than before, then, unless
 * nothing went, which of them there are.
 */
final class Telling {
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
      if (!parked) {
        park(session, reading.wrong().get());
      }
      remember(reading, Optional.empty());
    } else if (reading.entities().isEmpty()) {
      gone(session);
    } else {
      // Who was parked before this process began is not known here.
      if (parked || before.isEmpty()) {
        release(session);
      }
      present(reading, before.flatMap(Told.State::entities));
    }
  }

  private void present(SessionReading reading, Optional<Set<Long>> known) {
    String session = reading.session();
    Set<Long> now = Told.marks(reading);
    boolean grown = known.filter(now::containsAll).isPresent();
    // If this is told in part only, what the target has is not known any more.
    told.of(session)
        .ifPresent(
            state ->
                told.put(
                    session,
                    new Told.State(state.stamp(), false, state.parked(), Optional.empty())));
    for (Entity entity : reading.entities()) {
      if (known.filter(marks -> marks.contains(Told.mark(entity))).isEmpty()) {
        batch.add(
            Optional.of(session),
            (position, time) -> new CanonicalChange.Upsert(position, time, entity));
      }
    }
    if (!grown) {
      for (Kind kind : kinds) {
        retain(session, kind, identities(reading.entities(), kind));
      }
    }
    remember(reading, Optional.of(now));
  }

  private static List<List<String>> identities(List<Entity> entities, Kind kind) {
    List<Field> identity = kind.identity().stream().skip(1).toList();
    return entities.stream()
        .filter(entity -> entity.kind() == kind)
        .map(entity -> identity.stream().map(entity::text).toList())
        .toList();
  }

  /** Tells that a session has no files any more. */
  void gone(String session) {
    release(session);
    kinds.forEach(kind -> retain(session, kind, List.of()));
    batch.afterwards(() -> told.forget(session));
  }

  private void remember(SessionReading reading, Optional<Set<Long>> entities) {
    Told.State state =
        new Told.State(reading.stamp(), reading.settled(), reading.wrong().isPresent(), entities);
    batch.afterwards(() -> told.put(reading.session(), state));
  }

  private void retain(String session, Kind kind, List<List<String>> kept) {
    batch.add(
        Optional.of(session),
        (position, time) ->
            new CanonicalChange.Retain(position, time, kind, session, kept, false));
  }

  private void park(String session, String reason) {
    batch.add(
        Optional.of(session),
        (position, time) -> new CanonicalChange.Park(position, time, session, reason));
  }

  private void release(String session) {
    batch.add(
        Optional.of(session),
        (position, time) -> new CanonicalChange.Release(position, time, session));
  }
}
