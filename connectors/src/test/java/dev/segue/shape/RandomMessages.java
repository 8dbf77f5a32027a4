package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Documents and messages that nobody would think of. */
final class RandomMessages {
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

  private RandomMessages() {}

  /** Any JSON object, with members that shapes look for. */
  static String document(Random random) {
    return object(random, 0);
  }

  /** A message that a shape can hold. */
  static Entity of(String shape, Random random, MessageCodec codec) {
    return shape.equals("openai-item") ? item(random, codec) : chat(random, codec);
  }

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
            .set("tool_name", ToolCall.list(call).get(0).name());
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

  /** A message of which every field of a shape is known to be null. */
  static Entity.Builder blank(MessageCodec codec) {
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
}
