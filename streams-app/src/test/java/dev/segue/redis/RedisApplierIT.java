package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.Applier;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.Supply;
import dev.segue.spi.SystemFault;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes into a Redis that sessions come home to: lists whose elements have no names yet. */
class RedisApplierIT {
  private static final String LIST = "agent:session:s:messages";
  private static final String NAME = "move--back";

  private final RedisKeys keys = new RedisKeys(LayoutCatalog.load("redis-agent"));
  private final List<String> letters = new ArrayList<>();
  private RedisServer redis;
  private StatefulRedisConnection<String, String> connection;
  private RedisTarget target;
  private Ledger.Migration migration;
  private Applier applier;
  private long offset;

  @BeforeEach
  void open() throws Exception {
    redis = Servers.redis();
    connection = redis.connect();
    for (int i = 0; i < 4; i++) {
      connection
          .sync()
          .rpush(LIST, "{\"role\":\"user\",\"content\":\"m" + i + "\",\"own\":" + i + "}");
    }
    target =
        RedisTarget.wayBack(
            RedisAddress.parse(redis.url(), null),
            LayoutCatalog.load("redis-agent"),
            NAME,
            sessions -> sessions.contains("ours") ? Set.of("ours") : Set.of());
    Ledger.Side side = new Ledger.Side("layout", "0");
    migration = target.ledger().open(new Ledger.Identity(NAME, "elsewhere", side, side, 1));
    applier = target.applier(migration, supplies(), 0);
    applier.claim(List.of(0));
  }

  @AfterEach
  void close() {
    applier.close();
    target.close();
    connection.close();
    redis.close();
  }

  private Map<Kind, Supply> supplies() {
    Map<Kind, Supply> supplies = new EnumMap<>(Kind.class);
    for (RedisTable table : keys.tables()) {
      supplies.put(table.kind(), new Supply(table.name(), table.reader().supplied(), Set.of()));
    }
    return supplies;
  }

  private static Entity.Builder message(String session, String id) {
    return Entity.of(Kind.MESSAGE).set("session_id", session).set("message_id", id);
  }

  private static Entity said(String session, String id, String content) {
    Entity.Builder entity = message(session, id);
    Kind.MESSAGE.fields().stream()
        .filter(field -> !field.identity())
        .forEach(field -> entity.set(field, null));
    return entity.set("role", "user").set("content", content).build();
  }

  private static CanonicalChange upsert(int place, Entity entity) {
    return new CanonicalChange.Upsert(new SourcePosition(1, 1, place), 0, entity);
  }

  private static CanonicalChange delete(int place, String id) {
    Entity entity = message("s", id).build();
    return new CanonicalChange.Delete(new SourcePosition(1, 1, place), 0, entity);
  }

  private void apply(CanonicalChange... changes) {
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

  private List<String> contents() {
    return connection.sync().lrange(LIST, 0, -1).stream()
        .map(text -> text.replaceAll(".*\"content\":\"(\\w+)\".*", "$1"))
        .toList();
  }

  /** What the elements are called, the oldest first. */
  private List<String> names() {
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

  @Test
  void elementsKeepTheNamesThatTheirPlacesGaveThem() {
    apply(
        delete(1, "s/1"),
        upsert(2, said("s", "s/3", "changed")),
        upsert(3, said("s", "pg-1", "new")));

    assertThat(contents()).containsExactly("m0", "m2", "changed", "new");
    assertThat(names()).containsExactly("s/0", "s/2", "s/3", "pg-1");

    // The application goes on there; an id that was given is not given again.
    connection.sync().rpush(LIST, "{\"role\":\"user\",\"content\":\"own\"}");
    assertThat(names()).containsExactly("s/0", "s/2", "s/3", "pg-1", "s/5");

    apply(upsert(4, said("s", "pg-2", "newer")), delete(5, "s/0"));
    assertThat(contents()).containsExactly("m2", "changed", "new", "own", "newer");
    assertThat(names()).containsExactly("s/2", "s/3", "pg-1", "s/5", "pg-2");
  }

  @Test
  void appendingAsksForNothingButWhatIsAppended() {
    apply(upsert(1, said("s", "pg-1", "one")));
    apply(upsert(2, said("s", "pg-2", "two")), upsert(3, said("s", "pg-1", "once")));

    assertThat(contents()).containsExactly("m0", "m1", "m2", "m3", "once", "two");
    assertThat(connection.sync().hget("segue:" + NAME + ":places:messages:s", "pg-2"))
        .isEqualTo("5");
  }

  @Test
  void whatIsRetainedStandsInItsOrder() {
    apply(
        new CanonicalChange.Retain(
            new SourcePosition(1, 1, 1),
            0,
            Kind.MESSAGE,
            "s",
            List.of(List.of("s/2"), List.of("s/0"), List.of("nobody")),
            false));

    assertThat(contents()).containsExactly("m2", "m0");
    assertThat(names()).containsExactly("s/2", "s/0");
  }

  @Test
  void aChangeThatComesASecondTimeChangesNothing() {
    apply(upsert(1, said("s", "pg-1", "one")), delete(2, "s/0"));
    List<String> before = contents();
    apply(upsert(1, said("s", "pg-1", "one")), delete(2, "s/0"));

    assertThat(contents()).isEqualTo(before).containsExactly("m1", "m2", "m3", "one");
  }

  @Test
  void aListThatIsEmptiedIsGoneAndBeginsAnew() {
    apply(delete(1, "s/0"), delete(2, "s/1"), delete(3, "s/2"), delete(4, "s/3"));
    assertThat(connection.sync().exists(LIST, "segue:" + NAME + ":places:messages:s")).isZero();

    apply(upsert(5, said("s", "pg-9", "again")));
    assertThat(names()).containsExactly("pg-9");
  }

  @Test
  void sessionsOfThisVerySideAreKeptApart() {
    apply(upsert(1, said("ours", "m", "no")), upsert(2, said("s", "pg-1", "yes")));

    assertThat(letters).singleElement().asString().startsWith("ours: its session belongs");
    assertThat(connection.sync().exists("agent:session:ours:messages")).isZero();
    assertThat(target.ledger().parked()).isEmpty();
    assertThat(contents()).contains("yes");
  }

  @Test
  void whatAKeyCannotHoldIsParkedAndTheRestGoesOn() {
    connection.sync().set("agent:session:t:messages", "text");
    apply(upsert(1, said("t", "m", "no")), upsert(2, said("s", "pg-1", "yes")));

    assertThat(target.ledger().parked()).extracting(Ledger.Parked::sessionId).containsExactly("t");
    assertThat(connection.sync().get("agent:session:t:messages")).isEqualTo("text");
    assertThat(contents()).contains("yes");
  }

  @Test
  void aSinkThatWasPushedAsideAppliesNothing() {
    try (Applier other = target.applier(migration, supplies(), 0)) {
      other.claim(List.of(0));
      assertThatThrownBy(() -> apply(upsert(1, said("s", "pg-1", "late"))))
          .isInstanceOfSatisfying(
              SystemFault.class,
              fault -> assertThat(fault.nature()).isEqualTo(SystemFault.Nature.FENCED));
    }
    assertThat(contents()).containsExactly("m0", "m1", "m2", "m3");
  }

  @Test
  void aSessionThatIsWrittenAnewHoldsThatAndNothingElse() {
    connection.sync().hset("agent:session:s:tools", "old", "{}");
    Map<String, String> refused =
        target
            .mender(migration, supplies())
            .mend(
                Map.of(
                    "s",
                    List.of(
                        said("s", "pg-1", "new").toBuilder()
                            .set("timestamp", "2026-03-01T00:00:01.000000Z")
                            .build(),
                        said("s", "s/2", "kept").toBuilder()
                            .set("timestamp", "2026-03-01T00:00:02.000000Z")
                            .build())),
                () -> true);

    assertThat(refused).isEmpty();
    assertThat(contents()).containsExactly("new", "kept");
    assertThat(names()).containsExactly("pg-1", "s/2");
    assertThat(connection.sync().exists("agent:session:s:tools")).isZero();
  }
}
