package dev.segue.redis;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.Applier;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.Supply;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A Redis that sessions come home to, and one partition of changes on the way there. */
final class RedisSink implements AutoCloseable {
  static final String NAME = "move--back";

  private final List<String> letters = new ArrayList<>();
  private final RedisKeys keys;
  private final RedisServer redis;
  private final StatefulRedisConnection<String, String> connection;
  private final RedisTarget target;
  private final Ledger.Migration migration;
  private Applier applier;
  private long offset;

  /**
   * @param layout of the keys; session {@code ours} belongs to the Redis
   */
  RedisSink(String layout) throws Exception {
    Layout loaded = LayoutCatalog.load(layout);
    keys = new RedisKeys(loaded);
    redis = Servers.redis();
    connection = redis.connect();
    target =
        RedisTarget.wayBack(
            RedisAddress.parse(redis.url(), null),
            loaded,
            NAME,
            sessions -> sessions.contains("ours") ? Set.of("ours") : Set.of());
    Ledger.Side side = new Ledger.Side("layout", "0");
    migration = target.ledger().open(new Ledger.Identity(NAME, "elsewhere", side, side, 1));
  }

  /** Claims the partition; what the Redis has is there by now. */
  void begin() {
    applier = target.applier(migration, supplies(), 0);
    applier.claim(List.of(0));
  }

  @Override
  public void close() {
    if (applier != null) {
      applier.close();
    }
    target.close();
    connection.close();
    redis.close();
  }

  StatefulRedisConnection<String, String> connection() {
    return connection;
  }

  RedisTarget target() {
    return target;
  }

  Ledger.Migration migration() {
    return migration;
  }

  /** What became a dead letter, and why. */
  List<String> letters() {
    return letters;
  }

  Map<Kind, Supply> supplies() {
    Map<Kind, Supply> supplies = new EnumMap<>(Kind.class);
    for (RedisTable table : keys.tables()) {
      supplies.put(table.kind(), new Supply(table.name(), table.reader().supplied(), Set.of()));
    }
    return supplies;
  }

  void apply(CanonicalChange... changes) {
    List<OffsetChange> all = new ArrayList<>();
    for (CanonicalChange change : changes) {
      all.add(new OffsetChange(0, offset++, change));
    }
    applier.apply(
        all,
        Map.of(0, offset),
        new Applier.DeadLetterOutlet() {
          @Override
          public void put(OffsetChange change, String reason) {
            letters.add(change.change().sessionId() + ": " + reason);
          }

          @Override
          public void flush() {
            // They are in the list.
          }
        });
  }

  /** What the messages of session {@code s} are called, the oldest first. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    try (Holdings holdings = target.holdings(migration, supplies())) {
      holdings.read(
          List.of("s"),
          (HeldRow row) -> {
            if (row.kind() == Kind.MESSAGE) {
              names.add(row.key().get(1));
            }
          });
    }
    return names;
  }

  static Entity.Builder message(String session, String id) {
    return Entity.of(Kind.MESSAGE).set("session_id", session).set("message_id", id);
  }

  /** A message of which nothing else is there. */
  static Entity.Builder said(String session, String id, String role, String content) {
    Entity.Builder entity = message(session, id);
    Kind.MESSAGE.fields().stream()
        .filter(field -> !field.identity())
        .forEach(field -> entity.set(field, null));
    return entity.set("role", role).set("content", content);
  }

  static CanonicalChange upsert(int place, Entity entity) {
    return new CanonicalChange.Upsert(new SourcePosition(1, 1, place), 0, entity);
  }

  static CanonicalChange delete(int place, String id) {
    Entity entity = message("s", id).build();
    return new CanonicalChange.Delete(new SourcePosition(1, 1, place), 0, entity);
  }

  static CanonicalChange retain(int place, String... ids) {
    return new CanonicalChange.Retain(
        new SourcePosition(1, 1, place),
        0,
        Kind.MESSAGE,
        "s",
        List.of(ids).stream().map(List::of).toList(),
        false);
  }
}
