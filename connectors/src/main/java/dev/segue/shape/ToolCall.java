package dev.segue.shape;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A tool that an assistant wants to be run; in the field {@code tool_calls} it is {@code
 * {"id":…,"name":…,"arguments":…}}.
 *
 * @param id null if it has none
 * @param name null if it has none
 * @param arguments a JSON object or list, or a JSON string where the model wrote something else
 */
record ToolCall(String id, String name, String arguments) {
  private static final String ARGUMENTS = "arguments";

  /** A call whose arguments are a text, as models write them. */
  static ToolCall ofText(String id, String name, String arguments) {
    return new ToolCall(id, name, isDocument(arguments) ? arguments : JsonText.quote(arguments));
  }

  private static boolean isDocument(String text) {
    if (text.isEmpty() || "{[".indexOf(text.charAt(0)) < 0) {
      return false;
    }
    try {
      JsonText.check(text);
      return true;
    } catch (MalformedRecordException e) {
      return false;
    }
  }

  /**
   * Calls in any of the spellings that systems have for them.
   *
   * @param json the list; null if there is none
   */
  static List<ToolCall> list(String json) {
    List<ToolCall> calls = new ArrayList<>();
    List<String> elements = json == null ? null : JsonText.elements(json);
    for (String element : elements == null ? List.<String>of() : elements) {
      Map<String, String> members = JsonText.members(element);
      if (members == null) {
        throw new MalformedRecordException("has a tool call that is not an object");
      }
      calls.add(of(members));
    }
    return calls;
  }

  private static ToolCall of(Map<String, String> members) {
    Map<String, String> function = JsonText.members(members.getOrDefault("function", "null"));
    Map<String, String> called = function == null ? members : function;
    String arguments = called.getOrDefault(ARGUMENTS, called.getOrDefault("args", "{}"));
    String text = JsonText.unquote(arguments);
    String id = text(members, "id");
    String name = text(called, "name");
    return text == null ? new ToolCall(id, name, arguments) : ofText(id, name, text);
  }

  /** A member that is a text; null if it is not there, or something else. */
  static String text(Map<String, String> members, String name) {
    String json = members.get(name);
    return json == null ? null : JsonText.unquote(json);
  }

  /** The field's text; null if nothing is called. */
  static String json(List<ToolCall> calls) {
    return calls.isEmpty()
        ? null
        : calls.stream().map(ToolCall::json).collect(Collectors.joining(",", "[", "]"));
  }

  private String json() {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("id", quoted(id));
    members.put("name", quoted(name));
    members.put(ARGUMENTS, arguments);
    return JsonText.object(members);
  }

  /** A text as a member, or null. */
  static String quoted(String text) {
    return text == null ? "null" : JsonText.quote(text);
  }

  /** The arguments as a model writes them. */
  String argumentsText() {
    String text = JsonText.unquote(arguments);
    return text == null ? arguments : text;
  }

  /** Whether the arguments are named values, as a function takes them. */
  boolean hasNamedArguments() {
    return arguments.startsWith("{");
  }
}
