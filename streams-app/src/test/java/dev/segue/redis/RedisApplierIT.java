package dev.segue.redis;

import static dev.segue.redis.RedisSink.delete;
import static dev.segue.redis.RedisSink.retain;
import static dev.segue.redis.RedisSink.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.spi.Applier;
import dev.segue.spi.Ledger;
import dev.segue.spi.SystemFault;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes into a Redis that sessions come home to: lists whose elements have no names yet. */
class RedisApplierIT {
  private static final String LIST = "agent:session:s:messages";
  private static final String NAME = RedisSink.NAME;

  private RedisSink sink;
  private RedisCommands<String, String> commands;

  @BeforeEach
  void open() throws Exception {
    sink = new RedisSink("redis-agent");
    commands = sink.connection().sync();
    for (int i = 0; i < 4; i++) {
      commands.rpush(LIST, "{\"role\":\"user\",\"content\":\"m" + i + "\",\"own\":" + i + "}");
    }
    sink.begin();
  }

  @AfterEach
  void close() {
    sink.close();
  }

  private static Entity said(String session, String id, String content) {
    return RedisSink.said(session, id, "user", content).build();
  }

  private void apply(CanonicalChange... changes) {
    sink.apply(changes);
  }

  private List<String> names() {
    return sink.names();
  }

  private List<String> contents() {
    return commands.lrange(LIST, 0, -1).stream()
        .map(text -> text.replaceAll(".*\"content\":\"(\\w+)\".*", "$1"))
        .toList();
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
    commands.rpush(LIST, "{\"role\":\"user\",\"content\":\"own\"}");
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
    assertThat(commands.hget("segue:" + NAME + ":places:messages:s", "pg-2")).isEqualTo("5");
  }

  @Test
  void whatIsRetainedStandsInItsOrder() {
    apply(retain(1, "s/2", "s/0", "nobody"));

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
    assertThat(commands.exists(LIST, "segue:" + NAME + ":places:messages:s")).isZero();

    apply(upsert(5, said("s", "pg-9", "again")));
    assertThat(names()).containsExactly("pg-9");
  }

  @Test
  void sessionsOfThisVerySideAreKeptApart() {
    apply(upsert(1, said("ours", "m", "no")), upsert(2, said("s", "pg-1", "yes")));

    assertThat(sink.letters()).singleElement().asString().startsWith("ours: its session belongs");
    assertThat(commands.exists("agent:session:ours:messages")).isZero();
    assertThat(sink.target().ledger().parked()).isEmpty();
    assertThat(contents()).contains("yes");
  }

  @Test
  void whatAKeyCannotHoldIsParkedAndTheRestGoesOn() {
    commands.set("agent:session:t:messages", "text");
    apply(upsert(1, said("t", "m", "no")), upsert(2, said("s", "pg-1", "yes")));

    assertThat(sink.target().ledger().parked())
        .extracting(Ledger.Parked::sessionId)
        .containsExactly("t");
    assertThat(commands.get("agent:session:t:messages")).isEqualTo("text");
    assertThat(contents()).contains("yes");
  }

  @Test
  void aSinkThatWasPushedAsideAppliesNothing() {
    try (Applier other = sink.target().applier(sink.migration(), sink.supplies(), 0)) {
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
    commands.hset("agent:session:s:tools", "old", "{}");
    Map<String, String> refused =
        sink.target()
            .mender(sink.migration(), sink.supplies())
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
    assertThat(commands.exists("agent:session:s:tools")).isZero();
  }
}
