package dev.segue.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.FieldType;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCodecTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static MessageCodec codec(String shape) {
    return MessageCodec.of(shape).orElseThrow();
  }

  /** The message with what has to be kept beside it. */
  private static Entity read(MessageCodec codec, String json) {
    Entity.Builder message = Entity.of(Kind.MESSAGE);
    String kept =
        codec
            .read(json, message)
            .map(text -> JsonText.object(Map.of(codec.name(), text)))
            .orElse(null);
    return message.set("unknown", kept).build();
  }

  private static Entity withoutKept(Entity message) {
    return message.toBuilder().set("unknown", null).build();
  }

  private static Map<String, String> fields(MessageCodec codec, Entity message) {
    Map<String, String> fields = new TreeMap<>();
    for (Field field : codec.fields()) {
      assertThat(message.isAbsent(field)).as(field.name()).isFalse();
      if (message.text(field) != null) {
        fields.put(field.name(), message.text(field));
      }
    }
    return fields;
  }

  private static List<JsonNode> cases(String shape) throws IOException {
    try (InputStream file =
        MessageCodecTest.class.getResourceAsStream("/shapes/" + shape + ".jsonl")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().map(MessageCodecTest::tree).toList();
    }
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai-item", "langchain", "langchain-flat"})
  void everyCaseIsReadAndWrittenAsItSays(String shape) throws IOException {
    MessageCodec codec = codec(shape);
    List<JsonNode> cases = cases(shape);

    assertThat(cases).hasSizeGreaterThan(3);
    for (JsonNode one : cases) {
      String what = one.path("case").asText();
      String json = one.path("json").asText();
      Map<String, String> expected = new TreeMap<>();
      one.path("fields").properties().forEach(e -> expected.put(e.getKey(), e.getValue().asText()));

      Entity message = read(codec, json);

      assertThat(fields(codec, message)).as(what).isEqualTo(expected);
      assertThat(codec.write(message)).as(what).isEqualTo(json);
      if (one.has("anew")) {
        assertThat(codec.write(withoutKept(message))).as(what).isEqualTo(one.path("anew").asText());
      } else {
        assertThatThrownBy(() -> codec.write(withoutKept(message)))
            .as(what)
            .isInstanceOf(MalformedRecordException.class)
            .hasMessage(one.path("refused").asText());
      }
    }
  }

  private static final String[] NAMES = {
    "role",
    "type",
    "content",
    "output",
    "call_id",
    "name",
    "arguments",
    "summary",
    "data",
    "tool_calls",
    "invalid_tool_calls",
    "usage_metadata",
    "additional_kwargs",
    "tool_call_id",
    "id",
    "status",
    "",
    "é\n",
    "function"
  };

  private static final String[] SCALARS = {
    "null",
    "true",
    "0",
    "-1.50",
    "1e400",
    "12345678901234567890",
    "\"\"",
    "\"user\"",
    "\"assistant\"",
    "\"tool\"",
    "\"human\"",
    "\"ai\"",
    "\"chat\"",
    "\"message\"",
    "\"function_call\"",
    "\"function_call_output\"",
    "\"reasoning\"",
    "\"web_search_call\"",
    "\"text\"",
    "\"input_text\"",
    "\"{\\\"a\\\":1.10}\"",
    "\"{\\\"a\\\":\"",
    "\"[1, 2]\"",
    "\"a\\u0000b\"",
    "\"\\ud83d\\ude00\"",
    "\"😀 \\\" \\\\ / \\/\"",
    "\"\\u00e9\"",
    "\"é\""
  };

  private static String value(Random random, int depth) {
    int kind = depth > 4 ? 0 : random.nextInt(4);
    if (kind < 2) {
      return SCALARS[random.nextInt(SCALARS.length)];
    }
    return kind == 2 ? object(random, depth) : array(random, depth);
  }

  private static String space(Random random) {
    return random.nextInt(4) == 0 ? " " : "";
  }

  private static String array(Random random, int depth) {
    StringBuilder json = new StringBuilder("[");
    for (int left = random.nextInt(3); left > 0; left--) {
      json.append(json.length() > 1 ? "," + space(random) : "").append(value(random, depth + 1));
    }
    return json.append(']').toString();
  }

  private static String object(Random random, int depth) {
    Map<String, String> members = new LinkedHashMap<>();
    for (int left = random.nextInt(7); left > 0; left--) {
      members.put(NAMES[random.nextInt(NAMES.length)], value(random, depth + 1));
    }
    StringBuilder json = new StringBuilder("{");
    members.forEach(
        (name, value) ->
            json.append(json.length() > 1 ? "," + space(random) : "")
                .append(JsonText.quote(name))
                .append(':')
                .append(space(random))
                .append(value));
    return json.append('}').toString();
  }

  /** The message as it is after a database that parses JSON had it. */
  private static Entity respelt(Entity message) {
    Entity.Builder respelt = message.toBuilder();
    for (Field field : Kind.MESSAGE.fields()) {
      if (field.type() == FieldType.JSON && message.text(field) != null) {
        respelt.set(field, JsonText.normal(message.text(field)));
      }
    }
    return respelt.build();
  }

  @Property(tries = 5000)
  void whatNobodyChangedIsWrittenByteForByte(@ForAll Random random) {
    for (String shape : MessageCodec.names()) {
      MessageCodec codec = codec(shape);
      String json = object(random, 0);
      Entity message;
      try {
        message = read(codec, json);
      } catch (MalformedRecordException e) {
        assertThat(e).hasMessage("has a tool call that is not an object");
        continue;
      }

      assertThat(codec.write(message)).isEqualTo(json);
      assertThat(codec.write(respelt(message))).isEqualTo(json);
      assertThat(fields(codec, message)).containsKey("content_form");
    }
  }

  private static String pick(Random random, String... some) {
    return some[random.nextInt(some.length)];
  }

  private static String calls(Random random, int most) {
    StringBuilder calls = new StringBuilder("[");
    for (int left = 1 + random.nextInt(most); left > 0; left--) {
      calls
          .append(calls.length() > 1 ? "," : "")
          .append("{\"id\":\"c1\",\"name\":")
          .append(pick(random, "\"f\"", "\"\"", "\"é😀\""))
          .append(",\"arguments\":")
          .append(
              pick(random, "{}", "{\"n\":12345678901234567890, \"x\":1e400}", "{\"a\":{\"a\":[]}}"))
          .append('}');
    }
    return calls.append(']').toString();
  }

  /** A message that an item can hold. */
  private static Entity item(Random random, MessageCodec codec) {
    Entity.Builder message = blank(codec);
    String content = pick(random, "", "hi", "a\u0000\n\"b\\", "😀 é");
    switch (random.nextInt(4)) {
      case 0 ->
          message
              .set("role", pick(random, "user", "assistant", "system", "developer"))
              .set("content", content)
              .set("content_form", "string");
      case 1 ->
          message
              .set("role", "tool")
              .set("kind", "function_call_output")
              .set("tool_call_id", "c1")
              .set("content", content)
              .set("content_form", "string");
      case 2 -> {
        String call = calls(random, 1);
        message
            .set("role", "assistant")
            .set("kind", "function_call")
            .set("content_form", "absent")
            .set("tool_calls", call)
            .set("tool_call_id", "c1")
            .set("tool_name", tree(call).path(0).path("name").asText());
      }
      default ->
          message
              .set("role", "assistant")
              .set("kind", "reasoning")
              .set("content_form", "absent")
              .set("thinking", pick(random, null, "hm", "é\n😀"));
    }
    return message.build();
  }

  private static Entity.Builder blank(MessageCodec codec) {
    Entity.Builder message = Entity.of(Kind.MESSAGE).set("unknown", null);
    codec.fields().forEach(field -> message.set(field, null));
    return message;
  }

  /** A message that LangChain can hold. */
  private static Entity chat(Random random, MessageCodec codec) {
    String role = pick(random, "user", "assistant", "system", "tool", "developer");
    String name = pick(random, null, "", "f");
    boolean parts = random.nextInt(3) == 0;
    Entity.Builder message =
        blank(codec)
            .set("role", role)
            .set("name", name)
            .set("content", parts ? "a\nb" : pick(random, "", "hi", "a\u0000\n\"b\\", "😀 é"))
            .set("content_form", parts ? "parts" : "string")
            .set(
                "parts",
                parts ? "[\"a\", {\"type\":\"text\",\"text\":\"b\"}, {\"n\":1e400}]" : null);
    if (role.equals("tool")) {
      message.set("tool_call_id", "c1").set("tool_name", name);
    }
    if (role.equals("assistant")) {
      message
          .set("tool_calls", random.nextBoolean() ? null : calls(random, 3))
          .set("usage", pick(random, null, "{\"input_tokens\":1}", "{\"prompt\":1.50}"));
    }
    return message.build();
  }

  @Property(tries = 3000)
  void whatAShapeCanHoldIsReadAsItWasWritten(@ForAll Random random) {
    for (String shape : MessageCodec.names()) {
      MessageCodec codec = codec(shape);
      Entity message = shape.equals("openai-item") ? item(random, codec) : chat(random, codec);

      Entity.Builder read = Entity.of(Kind.MESSAGE);
      String json = codec.write(message);

      assertThat(codec.read(json, read)).as(json).isEmpty();
      assertThat(fields(codec, read.build())).as(json).isEqualTo(fields(codec, message));
    }
  }

  @Test
  void changedMessageIsNotWrittenAsItOnceWas() {
    MessageCodec codec = codec("openai-item");
    Entity message = read(codec, "{\"id\":\"m\",\"role\":\"user\",\"content\":\"hi\"}");

    assertThat(codec.write(message.toBuilder().set("content", "ho").build()))
        .isEqualTo("{\"role\":\"user\",\"content\":\"ho\"}");
  }

  @Test
  void whatAnItemCannotHoldIsRefusedWithTheWayOut() {
    MessageCodec codec = codec("openai-item");
    Entity both =
        blank(codec)
            .set("role", "assistant")
            .set("content", "Let me see.")
            .set("tool_calls", "[{\"id\":\"c\",\"name\":\"f\",\"arguments\":{}}]")
            .build();
    Entity two =
        both.toBuilder()
            .set("content", null)
            .set("tool_calls", "[{\"id\":\"c\",\"name\":\"f\"},{\"id\":\"d\",\"name\":\"g\"}]")
            .build();

    assertThatThrownBy(() -> codec.write(both))
        .hasMessageContaining("a text and a tool call")
        .hasMessageContaining("segue-postgres")
        .hasMessageNotContaining("Let me see");
    assertThatThrownBy(() -> codec.write(two)).hasMessageContaining("2 tool calls");
  }

  @Test
  void oneShapesMessagesAreWrittenInAnother() {
    Entity item =
        read(
            codec("openai-item"),
            "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}");
    Entity chat =
        read(
            codec("langchain"),
            "{\"type\":\"human\",\"data\":{\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}}");

    assertThat(codec("langchain-flat").write(item))
        .contains("\"content\":\"\"")
        .contains("\"tool_calls\":[{\"name\":\"f\",\"args\":{\"a\":1},\"id\":\"c\"");
    assertThat(codec("openai-item").write(chat))
        .isEqualTo("{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nul",
        "[]",
        "\"text\"",
        "{\"role\":",
        "{} {}",
        "{\"role\":\"user\",\"role\":\"tool\"}",
        "{\"content\":\"\\ud83d\",\"data\":{\"content\":\"\\ud83d\"}}"
      })
  void whatIsNoMessageIsRefused(String json) {
    for (String shape : MessageCodec.names()) {
      assertThatThrownBy(() -> read(codec(shape), json))
          .as(shape)
          .isInstanceOf(MalformedRecordException.class);
    }
  }

  @Test
  void nestingIsNoMatter() {
    String deep = "[".repeat(900) + "]".repeat(900);
    for (String shape : MessageCodec.names()) {
      String json = "{\"more\":" + deep + "}";
      assertThat(codec(shape).write(read(codec(shape), json))).isEqualTo(json);
    }
  }
}
