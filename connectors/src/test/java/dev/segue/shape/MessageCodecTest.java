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
      String json = RandomMessages.document(random);
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

  @Property(tries = 3000)
  void whatAShapeCanHoldIsReadAsItWasWritten(@ForAll Random random) {
    for (String shape : MessageCodec.names()) {
      MessageCodec codec = codec(shape);
      Entity message = RandomMessages.of(shape, random, codec);

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
        RandomMessages.blank(codec)
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
