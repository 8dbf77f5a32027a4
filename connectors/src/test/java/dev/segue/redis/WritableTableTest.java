package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.layout.LayoutCatalog;
import dev.segue.layout.RowWriter;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Variables;
import dev.segue.layout.Written;
import dev.segue.relational.Row;
import java.net.URL;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WritableTableTest {
  private static final Variables VARIABLES = new Variables("", "", "", "");

  /** What nobody would think of. */
  private static final String[] TEXTS = {
    "",
    "hello",
    "null",
    "é 😀",
    "a\u0000b",
    "\"quoted\" \\ back",
    "line\nbreak",
    "{\"not\":\"json",
    "[1, 2]",
    "1.10",
    " ",
    "{}"
  };

  private static final String[] JSONS = {
    "{}",
    "[1, 2.0]",
    "{\"a\":1.10,\"b\":null}",
    "\"text\"",
    "\"a\\u0000b\"",
    "0",
    "true",
    "\"\\ud83d\\ude00 \\/\"",
    "[[],{}]"
  };

  private final RedisKeys agent = new RedisKeys(LayoutCatalog.load("redis-agent"));

  private static WritableTable writable(RedisKeys keys, String name, Set<Field> supplied) {
    RedisTable table = keys.table(name);
    return new WritableTable(table, new RowWriter(table.binding(), supplied, VARIABLES), keys);
  }

  private static WritableTable writable(RedisKeys keys, String name) {
    return writable(keys, name, keys.table(name).reader().supplied());
  }

  private static String pick(Random random, String... some) {
    return some[random.nextInt(some.length)];
  }

  private static Map<String, String> fields(Random random) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String name : List.of("user_id", "status", "title", "plan", "é\n", "")) {
      if (random.nextBoolean()) {
        fields.put(name, pick(random, TEXTS));
      }
    }
    if (random.nextBoolean()) {
      fields.put("created_at", pick(random, "1763690000", "1763690000.5", "0"));
    }
    if (random.nextBoolean()) {
      fields.put("metadata", pick(random, JSONS));
    }
    return fields;
  }

  @Property
  void hashComesBackAsItWas(@ForAll Random random) {
    WritableTable table = writable(agent, "session");
    Map<String, String> fields = fields(random);
    Entity entity = table.table().reader().read(table.table().ofHash("s", fields, null));

    Map<String, String> written = table.hash(table.writer().write(entity), "s", null);

    assertThat(written).isEqualTo(fields);
  }

  @Property
  void hashThatIsWrittenOverHoldsWhatIsNew(@ForAll Random random) {
    WritableTable table = writable(agent, "session");
    Map<String, String> fields = fields(random);
    Entity entity = table.table().reader().read(table.table().ofHash("s", fields, null));

    Map<String, String> written = table.hash(table.writer().write(entity), "s", fields(random));

    assertThat(written).isEqualTo(fields);
  }

  private static String document(Random random) {
    Map<String, String> members = new LinkedHashMap<>();
    for (String name : List.of("role", "content", "tool_call_id", "more", "é\n", "")) {
      if (random.nextBoolean()) {
        members.put(name, JsonText.quote(pick(random, TEXTS)));
      }
    }
    for (String name : List.of("tool_calls", "metadata", "other")) {
      if (random.nextBoolean()) {
        members.put(name, pick(random, JSONS));
      }
    }
    return JsonText.object(members);
  }

  @Property
  void documentComesBackAsItWas(@ForAll Random random) {
    WritableTable table = writable(agent, "messages");
    String json = document(random);
    String below = random.nextBoolean() ? document(random) : null;
    Entity entity = table.table().reader().read(table.table().ofElement("s", "m-1", 3, json, null));

    Written row = table.writer().write(entity);

    assertThat(JsonText.normal(table.document(row, "s", below))).isEqualTo(JsonText.normal(json));
    assertThat(table.id(row, "s")).isEqualTo("m-1");
  }

  @Property
  void nestedMembersComeBackAsTheyWere(@ForAll Random random) throws Exception {
    URL layout = WritableTableTest.class.getResource("/layouts-of-tests/nested-members.yaml");
    RedisKeys keys = new RedisKeys(LayoutCatalog.load(Path.of(layout.toURI()).toString()));
    WritableTable table = writable(keys, "log");
    Map<String, String> data = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      data.put("content", JsonText.quote(pick(random, TEXTS)));
    }
    if (random.nextBoolean()) {
      data.put("example", pick(random, JSONS));
    }
    data.put("tool_calls", "[{\"id\":\"c\",\"args\":{\"n\":1.10}}]");
    String json =
        JsonText.object(
            Map.of("type", "\"ai\"", "data", JsonText.object(data), "more", pick(random, JSONS)));
    Entity entity = table.table().reader().read(table.table().ofElement("s", "s/0", 0, json, null));

    String written = table.document(table.writer().write(entity), "s", null);

    assertThat(JsonText.normal(written)).isEqualTo(JsonText.normal(json));
  }

  @Test
  void whatIsNotKnownStaysAsItIs() {
    WritableTable table = writable(agent, "messages");
    int content = table.names().indexOf("content");
    Entity entity =
        table
            .table()
            .reader()
            .read(table.table().ofElement("s", "m", 0, "{\"role\":\"user\",\"more\":1}", null));
    String[] values = table.writer().write(entity).values();
    values[content] = Row.ABSENT;

    String written =
        table.document(
            new Written(values, new BitSet()),
            "s",
            "{\"role\":\"tool\",\"content\":\"long\",\"older\":2}");

    assertThat(written).isEqualTo("{\"role\":\"user\",\"content\":\"long\",\"more\":1}");
  }

  @Test
  void whatTheMigrationDoesNotBringStaysAsItIs() {
    RedisTable messages = agent.table("messages");
    Set<Field> few =
        Set.of(
            messages.kind().field("session_id").orElseThrow(),
            messages.kind().field("message_id").orElseThrow(),
            messages.kind().field("role").orElseThrow());
    WritableTable table = writable(agent, "messages", few);
    Entity entity =
        Entity.of(messages.kind())
            .set("session_id", "s")
            .set("message_id", "m")
            .set("role", "user")
            .build();

    String written =
        table.document(
            table.writer().write(entity), "s", "{\"content\":\"kept\",\"more\":{\"n\":1.10}}");

    assertThat(JsonText.normal(written))
        .isEqualTo(
            JsonText.normal("{\"role\":\"user\",\"content\":\"kept\",\"more\":{\"n\":1.10}}"));
  }

  @Test
  void aKeyThatMeansSomethingElseIsRefused() {
    WritableTable table = writable(agent, "session");

    assertThatThrownBy(() -> table.key("u:messages")).isInstanceOf(UnmappableRowException.class);
    assertThatThrownBy(() -> table.key("\ud83d")).isInstanceOf(MalformedRecordException.class);
    assertThat(Bytes.text(table.key("u:1"))).isEqualTo("agent:session:u:1");
  }

  @Test
  void whatIsTheSameForAllCannotBeAnother() {
    WritableTable table = writable(agent, "checkpoints");
    Entity.Builder checkpoint =
        Entity.of(agent.table("checkpoints").kind())
            .set("session_id", "s")
            .set("checkpoint_id", "c");

    Written usual = table.writer().write(checkpoint.set("namespace", "").build());
    Written other = table.writer().write(checkpoint.set("namespace", "inner").build());

    assertThat(table.id(usual, "s")).isEqualTo("c");
    assertThatThrownBy(() -> table.id(other, "s")).isInstanceOf(UnmappableRowException.class);
  }

  @Test
  void aMemberThatAColumnHoldsIsNotOverwrittenByTheRest() {
    WritableTable table = writable(agent, "messages");
    Entity entity =
        Entity.of(agent.table("messages").kind())
            .set("session_id", "s")
            .set("message_id", "m")
            .set("role", "user")
            .set("unknown", "{\"content\":1}")
            .build();

    assertThatThrownBy(() -> table.document(table.writer().write(entity), "s", null))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessageContaining("content");
  }

  @Test
  void timesAreKeptInMilliseconds() {
    assertThat(WritableTable.millis("2026-11-21T00:00:00.123456Z")).isEqualTo(1795219200123L);
    assertThat(WritableTable.millis("infinity")).isEqualTo(WritableTable.NEVER);
    assertThat(WritableTable.millis(null)).isEqualTo(WritableTable.NEVER);
  }
}
