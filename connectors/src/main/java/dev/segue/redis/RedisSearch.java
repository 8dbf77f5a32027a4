package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.layout.ColumnSpec;
import dev.segue.ownership.HashSlot;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.SystemFault;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds sessions among keys. All keys are looked at, for a Redis has no index of what they hold.
 */
final class RedisSearch {
  private static final List<String> TIMES = List.of("created_at", "updated_at", "timestamp");

  private final RedisConnections connections;
  private final RedisKeys keys;

  RedisSearch(RedisConnections connections, RedisKeys keys) {
    this.connections = connections;
    this.keys = keys;
  }

  List<String> find(SessionQuery query) {
    if (query instanceof SessionQuery.InSlots in) {
      return sessions(session -> in.slots().contains(HashSlot.of(session)));
    }
    return query instanceof SessionQuery.Where where
        ? where(where)
        : idleSince(Instant.now().minus(((SessionQuery.IdleFor) query).time()));
  }

  private List<String> sessions(Predicate<String> wanted) {
    Set<String> found = new TreeSet<>();
    connections.scan(
        keys.glob(),
        key ->
            keys.meant(new String(key, UTF_8))
                .map(RedisKeys.Meant::session)
                .filter(wanted)
                .ifPresent(found::add));
    return List.copyOf(found);
  }

  private List<String> where(SessionQuery.Where where) {
    Field field = field(where.field());
    Set<String> found = new LinkedHashSet<>();
    read(
        entity -> {
          if (entity.kind() == Kind.SESSION && where.value().equals(entity.text(field))) {
            found.add(entity.sessionId());
          }
        });
    return List.copyOf(found);
  }

  /** The field of that name, or that the column of that name holds. */
  private Field field(String name) {
    Optional<RedisTable> sessions =
        keys.tables().stream().filter(table -> table.kind() == Kind.SESSION).findFirst();
    Set<Field> supplied = sessions.map(table -> table.reader().supplied()).orElseGet(Set::of);
    return supplied.stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .or(
            () ->
                sessions
                    .map(table -> table.binding().layout().columns().get(name))
                    .flatMap(ColumnSpec::fieldItself))
        .orElseThrow(
            () ->
                SystemFault.permanent(
                    "sessions of " + connections.describe() + " have no '" + name + "'",
                    supplied.isEmpty()
                        ? "name sessions one by one: --sessions FILE"
                        : "they have "
                            + supplied.stream()
                                .map(Field::name)
                                .collect(Collectors.joining(", "))));
  }

  private List<String> idleSince(Instant moment) {
    boolean tells =
        keys.tables().stream()
            .flatMap(table -> table.reader().supplied().stream())
            .anyMatch(field -> TIMES.contains(field.name()));
    if (!tells) {
      throw SystemFault.permanent(
          "nothing in the layout of " + connections.describe() + " tells when a session was used",
          "select sessions in another way: --sessions FILE");
    }
    Set<String> idle = new TreeSet<>(sessions(unused -> true));
    read(
        entity -> {
          if (isUsedSince(entity, moment)) {
            idle.remove(entity.sessionId());
          }
        });
    return List.copyOf(idle);
  }

  private static boolean isUsedSince(Entity entity, Instant moment) {
    return TIMES.stream()
        .flatMap(name -> entity.kind().field(name).stream())
        .map(entity::text)
        .anyMatch(
            text ->
                text != null
                    && text.endsWith("Z")
                    && !OffsetDateTime.parse(text).toInstant().isBefore(moment));
  }

  private interface Looking {
    void look(Entity entity);
  }

  /** What cannot be mapped is none of those that are looked for. */
  private void read(Looking looking) {
    Collection<String> all = sessions(unused -> true);
    try (RedisReader reader = new RedisReader(connections)) {
      RedisSnapshot.read(
          reader,
          keys,
          all,
          new SnapshotReader.RowConsumer() {
            @Override
            public void accept(Entity entity) {
              looking.look(entity);
            }

            @Override
            public void reject(String sessionId, String reason) {
              // It is parked, and named where that is looked at.
            }
          });
    }
  }
}
