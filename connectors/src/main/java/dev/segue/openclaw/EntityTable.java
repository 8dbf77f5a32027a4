package dev.segue.openclaw;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SessionDocument;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Supply;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The rows that the files of a store are made of. A session of which a row changes is unwritten
 * until its files say the same.
 */
record EntityTable(StoreTables tables) {

  /** A row takes the place of itself. */
  void put(BesideStore store, Entity entity) throws SQLException {
    store.change(
        "INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?)",
        entity.sessionId(),
        entity.kind().wireName(),
        id(entity),
        CanonicalCodec.write(entity));
    touch(store, entity.sessionId());
  }

  /**
   * Writes a row over the one that is there.
   *
   * @param mayBeMissing whether it is passed over if a field of a new row is not known
   * @throws UnmappableRowException if such a row is missing, though it may not be
   */
  void upsert(BesideStore store, Entity entity, boolean mayBeMissing) throws SQLException {
    Optional<Entity> below = find(store, entity);
    if (below.isPresent()) {
      Entity.Builder all = below.get().toBuilder();
      for (Field field : entity.kind().fields()) {
        if (!entity.isAbsent(field)) {
          all.set(field, entity.text(field));
        }
      }
      put(store, all.build());
    } else if (tables.isWhole(entity)) {
      put(store, entity);
    } else if (!mayBeMissing) {
      throw new UnmappableRowException(
          "the row to be updated is missing among the "
              + tables.name(entity.kind())
              + "; read the session again");
    }
  }

  private static Optional<Entity> find(BesideStore store, Entity entity) throws SQLException {
    return store
        .ask(
            "SELECT entity FROM entities WHERE session = ? AND kind = ? AND id = ?",
            row -> CanonicalCodec.readEntity(row.getString(1)),
            entity.sessionId(),
            entity.kind().wireName(),
            id(entity))
        .stream()
        .findFirst();
  }

  /** The session's own row, if it is there. */
  static Optional<Entity> session(BesideStore store, String session) throws SQLException {
    return find(store, Entity.of(Kind.SESSION).set("session_id", session).build());
  }

  void delete(BesideStore store, Entity entity) throws SQLException {
    delete(store, entity.sessionId(), entity.kind(), id(entity));
  }

  private static void delete(BesideStore store, String session, Kind kind, String id)
      throws SQLException {
    int gone =
        store.change(
            "DELETE FROM entities WHERE session = ? AND kind = ? AND id = ?",
            session,
            kind.wireName(),
            id);
    if (gone > 0) {
      touch(store, session);
    }
  }

  /** Of a kind, the session keeps these rows and no others. */
  void retain(BesideStore store, CanonicalChange.Retain retain) throws SQLException {
    Set<String> kept = retain.entities().stream().map(EntityTable::id).collect(Collectors.toSet());
    Set<String> gone =
        new HashSet<>(
            store.ask(
                "SELECT id FROM entities WHERE session = ? AND kind = ?",
                row -> row.getString(1),
                retain.sessionId(),
                retain.kind().wireName()));
    gone.removeAll(kept);
    for (String id : gone) {
      delete(store, retain.sessionId(), retain.kind(), id);
    }
  }

  /** Nobody has a row of a kind any more; returns how many went. */
  int empty(BesideStore store, Kind kind) throws SQLException {
    store.change(
        "UPDATE sessions SET version = version + 1 WHERE session IN (SELECT session FROM entities"
            + " WHERE kind = ?)",
        kind.wireName());
    return store.change("DELETE FROM entities WHERE kind = ?", kind.wireName());
  }

  /** A session has exactly these rows. */
  void replace(BesideStore store, String session, List<Entity> entities) throws SQLException {
    store.change("DELETE FROM entities WHERE session = ?", session);
    touch(store, session);
    for (Entity entity : entities) {
      if (tables.kinds().contains(entity.kind())) {
        put(store, entity);
      }
    }
  }

  private static void touch(BesideStore store, String session) throws SQLException {
    store.change(
        "INSERT INTO sessions (session, version) VALUES (?, 1)"
            + " ON CONFLICT (session) DO UPDATE SET version = version + 1",
        session);
  }

  /** All rows of a session. */
  static SessionDocument read(BesideStore store, String session) throws SQLException {
    return new SessionDocument(
        session,
        store.ask(
            "SELECT entity FROM entities WHERE session = ? ORDER BY kind, id",
            row -> CanonicalCodec.readEntity(row.getString(1)),
            session));
  }

  /** What an entity is called among those of its kind and session. */
  private static String id(Entity entity) {
    List<String> names =
        entity.kind().identity().stream().skip(1).map(entity::text).map(String::valueOf).toList();
    return names.size() == 1
        ? names.get(0)
        : "[" + String.join(",", names.stream().map(JsonText::quote).toList()) + "]";
  }

  /** The kinds by the source's tables that hold them. */
  static Map<String, Kind> kinds(Map<Kind, Supply> supplies) {
    return supplies.entrySet().stream()
        .collect(Collectors.toMap(e -> e.getValue().table(), Map.Entry::getKey, (a, b) -> a));
  }
}
