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

/** What LangChain's messages have in common, however the system wraps them. */
final class LangChainData {
  private static final String CHAT = "chat";
  private static final String FUNCTION = "function";
  private static final String TOOL = "tool";
  private static final Map<String, String> TYPES =
      Map.of("user", "human", "assistant", "ai", "system", "system", TOOL, TOOL);
  private static final Map<String, String> ROLES =
      Map.ofEntries(
          Map.entry("human", "user"),
          Map.entry("HumanMessageChunk", "user"),
          Map.entry("ai", "assistant"),
          Map.entry("AIMessageChunk", "assistant"),
          Map.entry("SystemMessageChunk", "system"),
          Map.entry("ToolMessageChunk", TOOL),
          Map.entry(FUNCTION, TOOL),
          Map.entry("FunctionMessageChunk", TOOL));

  private static final Set<Field> FIELDS =
      MessageShape.fields(
          "role",
          "role_raw",
          "content",
          "content_form",
          "parts",
          "tool_calls",
          "tool_call_id",
          "tool_name",
          "name",
          "usage");

  private LangChainData() {}

  static Set<Field> fields() {
    return FIELDS;
  }

  static void read(String type, Map<String, String> data, Entity.Builder message) {
    FIELDS.forEach(field -> message.set(field, null));
    String role = role(type, data);
    message.set("role", role);
    message.set("role_raw", Objects.equals(type, typeOf(role)) ? null : type);
    Content.read(data.get("content")).into(message);
    message.set("tool_calls", ToolCall.json(calls(data)));
    message.set("tool_call_id", ToolCall.text(data, "tool_call_id"));
    String name = ToolCall.text(data, "name");
    message.set("name", name);
    message.set("tool_name", TOOL.equals(role) ? name : null);
    message.set("usage", usage(data));
  }

  /** As LangChain counts; else as the model's provider does. */
  private static String usage(Map<String, String> data) {
    String own = data.getOrDefault("usage_metadata", "null");
    String usage = JsonText.isNull(own) ? inside(data, "response_metadata", "token_usage") : own;
    return usage == null || JsonText.isNull(usage) ? null : usage;
  }

  private static String inside(Map<String, String> data, String outer, String inner) {
    Map<String, String> members = JsonText.members(data.getOrDefault(outer, "null"));
    return members == null ? null : members.get(inner);
  }

  private static String role(String type, Map<String, String> data) {
    if (type == null) {
      return "event";
    }
    String said = ToolCall.text(data, "role");
    return type.equals(CHAT) && said != null ? said : ROLES.getOrDefault(type, type);
  }

  private static String typeOf(String role) {
    return TYPES.getOrDefault(role, CHAT);
  }

  /** A model's calls, and those whose arguments could not be read; older versions have neither. */
  private static List<ToolCall> calls(Map<String, String> data) {
    List<ToolCall> calls = new ArrayList<>(ToolCall.list(data.get("tool_calls")));
    calls.addAll(ToolCall.list(data.get("invalid_tool_calls")));
    return calls.isEmpty() ? ToolCall.list(inside(data, "additional_kwargs", "tool_calls")) : calls;
  }

  /** The type that a message has there. */
  static String type(Entity message) {
    String role = message.text("role");
    if (role == null) {
      throw new MalformedRecordException("cannot be made of a message without a role");
    }
    String raw = message.text("role_raw");
    boolean known = raw != null && (raw.equals(CHAT) || role.equals(ROLES.get(raw)));
    return known ? raw : typeOf(role);
  }

  /** What every message has, and what one of its type has besides. */
  static Map<String, String> write(String type, Entity message) {
    Map<String, String> data = new LinkedHashMap<>();
    data.put("content", Content.of(message).json());
    data.put("additional_kwargs", "{}");
    data.put("response_metadata", "{}");
    String name = message.text("name") == null ? message.text("tool_name") : message.text("name");
    if (name != null) {
      data.put("name", JsonText.quote(name));
    }
    List<ToolCall> calls = ToolCall.list(message.text("tool_calls"));
    switch (ROLES.getOrDefault(type, type)) {
      case "assistant" -> {
        data.put("tool_calls", calls(calls, true));
        data.put("invalid_tool_calls", calls(calls, false));
        writeUsage(message.text("usage"), data);
        return data;
      }
      case TOOL -> writeResult(type, message.text("tool_call_id"), data);
      case CHAT -> data.put("role", JsonText.quote(message.text("role")));
      default -> {
        // A text is all that there is.
      }
    }
    if (!calls.isEmpty()) {
      throw new MalformedRecordException("cannot hold tool calls of a message of type " + type);
    }
    return data;
  }

  private static void writeUsage(String usage, Map<String, String> data) {
    Map<String, String> counts = usage == null ? null : JsonText.members(usage);
    if (counts != null && counts.containsKey("input_tokens")) {
      data.put("usage_metadata", usage);
    } else if (usage != null) {
      data.put("response_metadata", JsonText.object(Map.of("token_usage", usage)));
    }
  }

  private static void writeResult(String type, String call, Map<String, String> data) {
    if (type.equals(FUNCTION)) {
      return;
    }
    if (call == null) {
      throw new MalformedRecordException("cannot be made of a tool's result without tool_call_id");
    }
    data.put("tool_call_id", JsonText.quote(call));
  }

  private static String calls(List<ToolCall> calls, boolean valid) {
    return calls.stream()
        .filter(call -> call.hasNamedArguments() == valid)
        .map(LangChainData::call)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String call(ToolCall call) {
    boolean valid = call.hasNamedArguments();
    Map<String, String> members = new LinkedHashMap<>();
    members.put("name", ToolCall.quoted(call.name()));
    members.put("args", valid ? call.arguments() : JsonText.quote(call.argumentsText()));
    members.put("id", ToolCall.quoted(call.id()));
    if (!valid) {
      members.put("error", "null");
    }
    members.put("type", JsonText.quote(valid ? "tool_call" : "invalid_tool_call"));
    return JsonText.object(members);
  }
}
