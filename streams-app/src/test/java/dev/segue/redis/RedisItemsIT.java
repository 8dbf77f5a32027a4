package dev.segue.redis;

import static dev.segue.redis.RedisSink.delete;
import static dev.segue.redis.RedisSink.retain;
import static dev.segue.redis.RedisSink.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.layout.LayoutCatalog;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that say something and call tools, into lists where each of these is an item. */
class RedisItemsIT {
  private static final String LIST = "agents:session:s:messages";
  private static final ObjectMapper JSON = new ObjectMapper();

  private RedisSink sink;
  private RedisCommands<String, String> commands;

  @BeforeEach
  void open() throws Exception {
    sink = new RedisSink("openai-agents-redis");
    commands = sink.connection().sync();
    sink.begin();
  }

  @AfterEach
  void close() {
    sink.close();
  }

  private static Entity says(String id, String content, String... calls) {
    String list =
        Stream.of(calls)
            .map(call -> "{\"id\":\"" + call + "\",\"name\":\"f\",\"arguments\":{}}")
            .collect(Collectors.joining(",", "[", "]"));
    return RedisSink.said("s", id, "assistant", content)
        .set("tool_calls", calls.length == 0 ? null : list)
        .build();
  }

  private static String item(String json) {
    try {
      JsonNode item = JSON.readTree(json);
      return item.path(item.has("call_id") ? "call_id" : "content").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> items() {
    return commands.lrange(LIST, 0, -1).stream().map(RedisItemsIT::item).toList();
  }

  @Test
  void messageIsAsManyElementsAsItSaysThings() {
    sink.apply(upsert(1, says("a", "I look.", "c1", "c2")), upsert(2, says("b", "Twelve.")));

    assertThat(items()).containsExactly("I look.", "c1", "c2", "Twelve.");
    assertThat(sink.names()).containsExactly("a", "a/item-2", "a/item-3", "b");
    assertThat(sink.letters()).isEmpty();
  }

  @Test
  void messageGrowsAndShrinksWhereItStands() {
    sink.apply(upsert(1, says("a", "I look.", "c1", "c2")), upsert(2, says("b", "Twelve.")));
    sink.apply(upsert(3, says("a", "", "c1")));
    assertThat(items()).containsExactly("c1", "Twelve.");

    sink.apply(upsert(4, says("a", "Again.", "c1", "c2", "c3")), upsert(5, says("c", "", "c9")));
    assertThat(items()).containsExactly("Again.", "c1", "c2", "c3", "Twelve.", "c9");

    sink.apply(upsert(6, says("a", "Again.", "c1")), upsert(7, says("a", "Again.", "c1", "c4")));
    assertThat(items()).containsExactly("Again.", "c1", "c4", "Twelve.", "c9");
    assertThat(sink.names()).containsExactly("a", "a/item-2", "a/item-3", "b", "c");
  }

  @Test
  void messagesThatComeASecondTimeChangeNothing() {
    List<CanonicalChange> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(upsert(i, says("m" + i, "Say " + i, "c" + i, "d" + i)));
    }
    sink.apply(all.toArray(CanonicalChange[]::new));
    List<String> before = items();
    sink.apply(all.subList(3, 9).toArray(CanonicalChange[]::new));
    assertThat(items()).isEqualTo(before).hasSize(60);

    sink.apply(upsert(30, says("m7", "Other.", "c7", "x7")));
    assertThat(items())
        .containsExactlyElementsOf(
            before.stream()
                .map(one -> one.equals("Say 7") ? "Other." : one.equals("d7") ? "x7" : one)
                .toList());
    assertThat(sink.names()).hasSize(60).startsWith("m0", "m0/item-2", "m0/item-3", "m1");
  }

  @Test
  void itemThatStandsApartFromItsMessageIsBroughtToIt() {
    sink.apply(upsert(1, says("a", "One.", "c1")), upsert(2, says("b", "Two.")));
    sink.apply(retain(3, "a/item-2", "b", "a"));
    assertThat(items()).containsExactly("c1", "Two.", "One.");

    sink.apply(upsert(4, says("a", "One.", "c1", "c2")), upsert(5, says("d", "Four.", "c3")));
    assertThat(items()).containsExactly("Two.", "One.", "c1", "c2", "Four.", "c3");
  }

  @Test
  void itemsStandTogetherWithinABatchToo() {
    sink.apply(
        upsert(1, says("a", "One.")),
        upsert(2, says("b", "Two.")),
        upsert(3, says("a", "One.", "c1", "c2")),
        upsert(4, says("a", "One.", "c1")));

    assertThat(items()).containsExactly("One.", "c1", "Two.");
  }

  @Test
  void itemsGoWithTheirMessage() {
    sink.apply(
        upsert(1, says("a", "", "c1", "c2", "c3")),
        upsert(2, says("b", "Two.", "c4")),
        upsert(3, says("c", "Three.", "c5")));
    sink.apply(delete(4, "a"));
    assertThat(items()).containsExactly("Two.", "c4", "Three.", "c5");

    sink.apply(retain(5, "c", "b"));
    assertThat(items()).containsExactly("Three.", "c5", "Two.", "c4");
    sink.apply(retain(6, "b"));
    assertThat(items()).containsExactly("Two.", "c4");
  }

  @Test
  void addingToAListAsksForNothingElse() {
    for (int i = 0; i < 50; i++) {
      sink.apply(upsert(i, says("m" + i, "Say " + i, "c" + i)));
    }
    commands.configResetstat();
    sink.apply(upsert(60, says("last", "Last.", "d1", "d2")));

    assertThat(commands.info("commandstats")).doesNotContain("cmdstat_lrange");
    assertThat(items()).hasSize(103).endsWith("Last.", "d1", "d2");
  }

  @Test
  void sessionThatIsWrittenAnewHasItsItemsAndNoOthers() {
    sink.apply(upsert(1, says("a", "I look.", "c1", "c2")), upsert(2, says("b", "Two.", "c3")));
    List<Entity> wanted = List.of(says("a", "I look.", "c1"), says("b", "Two.", "c3", "c4"));

    Map<String, String> refused =
        sink.target()
            .mender(sink.migration(), sink.supplies())
            .mend(Map.of("s", wanted), () -> true);

    assertThat(refused).isEmpty();
    assertThat(items()).containsExactly("I look.", "c1", "Two.", "c3", "c4");
    assertThat(expected(wanted)).containsExactlyElementsOf(held());
  }

  private List<List<String>> expected(List<Entity> entities) {
    List<List<String>> expected = new ArrayList<>();
    try (Holdings holdings = sink.target().holdings(sink.migration(), sink.supplies())) {
      for (Entity entity : entities) {
        for (Entity item : holdings.items(entity)) {
          holdings.expected(item).ifPresent(row -> expected.add(row.values()));
        }
      }
    }
    return expected;
  }

  private List<List<String>> held() {
    List<List<String>> held = new ArrayList<>();
    try (Holdings holdings = sink.target().holdings(sink.migration(), sink.supplies())) {
      holdings.read(
          List.of("s"),
          (HeldRow row) -> {
            if (row.kind() == Kind.MESSAGE) {
              held.add(row.values());
            }
          });
    }
    return held;
  }

  @Test
  void elementsOfHistoryThatAreEquallyOldStandInTheirOrder() {
    List<String> ids = List.of("5", "5/item-2", "5/item-3", "5/item-10", "7", "12", "12/item-2");
    List<Entity> shuffled = new ArrayList<>();
    ids.forEach(id -> shuffled.add(shuffled.size() / 2, says(id, "")));

    assertThat(ElementOrder.sortEntities(shuffled).stream().map(e -> e.text("message_id")))
        .containsExactlyElementsOf(ids);
  }

  private static String chat(String id, String content, String... calls) {
    String list =
        Stream.of(calls)
            .map(call -> "{\"id\":\"" + call + "\",\"name\":\"f\",\"args\":{}}")
            .collect(Collectors.joining(",", "[", "]"));
    return "('%s', '7c1e0f9a-3b5d-4e6f-8a9b-000000000001', '%s')"
        .formatted(
            id,
            "{\"type\":\"ai\",\"data\":{\"content\":\"%s\",\"tool_calls\":%s}}"
                .formatted(content, list));
  }

  private static String insert(String... messages) {
    return "INSERT INTO chat_history (segue_id, session_id, message) VALUES "
        + String.join(", ", messages)
        + ";";
  }

  @Test
  void historyAndWhatFollowsBecomeItems() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = new Migration("intoitems")) {
      // One statement: all messages are equally old.
      migration.onSource(
          LayoutCatalog.load("langchain-postgres").ddl().orElseThrow()
              + insert(
                  chat("a", "One.", "c1", "c2"), chat("b", "", "c3", "c4"), chat("c", "Two.")));
      migration.configIntoRedis(
          "langchain-postgres",
          redis,
          "openai-agents-redis",
          "capture: {heartbeat: 300ms}",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
      migration.mustRun("plan");
      migration.startFollowing();
      migration.onSource(insert(chat("d", "Three.", "d1")));
      migration.onSource(
          "UPDATE chat_history SET message = jsonb_set(message, '{data,tool_calls}',"
              + " (message #> '{data,tool_calls}') - 0) WHERE segue_id IN ('a', 'b');");
      migration.onSource("DELETE FROM chat_history WHERE segue_id = 'd';");
      migration.onSource(insert(chat("e", "Four.", "e1", "e2")));
      migration.drainInto(redis, Duration.ofSeconds(60));

      try (var reading = redis.connect()) {
        String list = "agents:session:7c1e0f9a-3b5d-4e6f-8a9b-000000000001:messages";
        assertThat(reading.sync().lrange(list, 0, -1).stream().map(RedisItemsIT::item))
            .containsExactly("One.", "c2", "c4", "Two.", "Four.", "e1", "e2");
      }
      migration.mustRun("verify");
    }
  }
}
