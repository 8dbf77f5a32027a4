package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An item of OpenAI's Responses API, as the Agents SDK keeps it. A text, a call and a call's result
 * are items of their own.
 */
final class OpenAiItem implements MessageShape {
  private static final String MESSAGE = "message";
  private static final String CALL = "function_call";
  private static final String OUTPUT = "function_call_output";
  private static final String REASONING = "reasoning";
  private static final Set<String> OWN_PARTS =
      Set.of("input_text", "output_text", "refusal", "input_image", "input_file", "input_audio");

  private final Set<Field> fields =
      MessageShape.fields(
          "role",
          "kind",
          "content",
          "content_form",
          "parts",
          "tool_calls",
          "tool_call_id",
          "tool_name",
          "thinking");

  @Override
  public String name() {
    return "openai-item";
  }

  @Override
  public Set<Field> fields() {
    return fields;
  }

  @Override
  public void read(Map<String, String> members, Entity.Builder message) {
    fields.forEach(field -> message.set(field, null));
    String type = ToolCall.text(members, "type");
    message.set("role", role(type, ToolCall.text(members, "role")));
    message.set("kind", MESSAGE.equals(type) ? null : type);
    message.set("tool_call_id", ToolCall.text(members, "call_id"));
    message.set("tool_name", ToolCall.text(members, "name"));
    Content.read(members.get(OUTPUT.equals(type) ? "output" : "content")).into(message);
    if (CALL.equals(type)) {
      message.set("tool_calls", ToolCall.json(List.of(call(members))));
    } else if (REASONING.equals(type)) {
      readReasoning(members, message);
    }
  }

  private static String role(String type, String role) {
    if (role != null) {
      return role;
    }
    if (type == null) {
      return "event";
    }
    return type.endsWith("_output") ? "tool" : "assistant";
  }

  private static ToolCall call(Map<String, String> members) {
    String arguments = ToolCall.text(members, "arguments");
    return ToolCall.ofText(
        ToolCall.text(members, "call_id"),
        ToolCall.text(members, "name"),
        arguments == null ? "" : arguments);
  }

  /** What a model thinks is not what it says. */
  private static void readReasoning(Map<String, String> members, Entity.Builder message) {
    Content said = Content.read(members.get("content"));
    Content summary = Content.read(members.get("summary"));
    Content.ABSENT.into(message);
    String thinking = said.isSilent() || said.text().isEmpty() ? summary.text() : said.text();
    message.set("thinking", thinking == null || thinking.isEmpty() ? null : thinking);
  }

  @Override
  public boolean splits() {
    return true;
  }

  @Override
  public List<Entity> items(Entity message) {
    List<ToolCall> calls = ToolCall.list(message.text("tool_calls"));
    boolean silent = Content.of(message).isSilent();
    if (calls.isEmpty() || (calls.size() == 1 && silent)) {
      return List.of(message);
    }
    List<Entity> items = new ArrayList<>();
    if (!silent) {
      items.add(message.toBuilder().set("tool_calls", null).build());
    }
    for (ToolCall call : calls) {
      Entity.Builder item = message.toBuilder().set("tool_calls", ToolCall.json(List.of(call)));
      Content.ABSENT.into(item);
      items.add(item.build());
    }
    return items;
  }

  @Override
  public String write(Entity message) {
    String kind = message.text("kind");
    List<ToolCall> calls = ToolCall.list(message.text("tool_calls"));
    Content content = Content.of(message);
    if (!calls.isEmpty()) {
      return call(calls, content);
    }
    if (REASONING.equals(kind)) {
      return reasoning(message.text("thinking"));
    }
    if (kind != null && !Set.of(MESSAGE, OUTPUT).contains(kind)) {
      throw new MalformedRecordException("cannot be made of a message of kind " + kind);
    }
    if ("tool".equals(message.text("role"))) {
      return output(message.text("tool_call_id"), content);
    }
    if (message.text("role") == null) {
      throw new MalformedRecordException("cannot be made of a message without a role");
    }
    Map<String, String> members = new LinkedHashMap<>();
    members.put("role", JsonText.quote(message.text("role")));
    members.put("content", said(content, message.text("role")));
    return JsonText.object(members);
  }

  private static String call(List<ToolCall> calls, Content content) {
    if (calls.size() > 1 || !content.isSilent()) {
      throw new MalformedRecordException(
          "cannot hold "
              + (content.isSilent() ? "" : "a text and ")
              + (calls.size() > 1 ? calls.size() + " tool calls" : "a tool call")
              + " in one item, for each is one of its own there, and this layout has no ids for"
              + " further items; move such sessions into a table whose ids are texts, as"
              + " --create-target makes it, or into a layout that keeps a whole message, such as"
              + " segue-postgres");
    }
    ToolCall call = calls.get(0);
    if (call.id() == null || call.name() == null) {
      throw new MalformedRecordException("cannot be made of a tool call without id or name");
    }
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", JsonText.quote(CALL));
    members.put("call_id", JsonText.quote(call.id()));
    members.put("name", JsonText.quote(call.name()));
    members.put("arguments", JsonText.quote(call.argumentsText()));
    return JsonText.object(members);
  }

  private static String reasoning(String thinking) {
    Map<String, String> part = new LinkedHashMap<>();
    part.put("type", JsonText.quote("summary_text"));
    part.put("text", JsonText.quote(thinking == null ? "" : thinking));
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", JsonText.quote(REASONING));
    members.put("summary", thinking == null ? "[]" : "[" + JsonText.object(part) + "]");
    return JsonText.object(members);
  }

  private static String output(String call, Content content) {
    if (call == null) {
      throw new MalformedRecordException("cannot be made of a tool's result without tool_call_id");
    }
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", JsonText.quote(OUTPUT));
    members.put("call_id", JsonText.quote(call));
    members.put("output", said(content, "user"));
    return JsonText.object(members);
  }

  /** The content, whose parts are of types that depend on who says them. */
  private static String said(Content content, String role) {
    if (!content.isParts()) {
      return content.json();
    }
    String own = role.equals("assistant") ? "output_text" : "input_text";
    return JsonText.elements(content.parts()).stream()
        .map(part -> part(part, own))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String part(String part, String own) {
    Map<String, String> members = Objects.requireNonNullElse(JsonText.members(part), Map.of());
    String type = ToolCall.text(members, "type");
    if (type != null && OWN_PARTS.contains(type)) {
      return part;
    }
    if (!"text".equals(type)) {
      throw new MalformedRecordException("cannot hold a part of type " + type);
    }
    Map<String, String> text = new LinkedHashMap<>();
    text.put("type", JsonText.quote(own));
    text.put("text", members.getOrDefault("text", "\"\""));
    return JsonText.object(text);
  }
}
