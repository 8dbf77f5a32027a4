package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The messages of a session file as entities. They have no ids, so a message's place is its id;
 * what no field takes is kept in {@code unknown}.
 */
final class WorkspaceMessages {
  private static final Set<String> ROLES = Set.of("user", "assistant", "system", "tool");
  private static final Set<String> TAKEN =
      Set.of("role", "content", "timestamp", "tool_calls", "tool_call_id", "name");

  private final String session;
  private final List<Entity> messages = new ArrayList<>();
  private final ToolRuns runs;

  WorkspaceMessages(String session) {
    this.session = session;
    this.runs = new ToolRuns(session);
  }

  /** The messages in their order, then the runs of tools that they tell of. */
  List<Entity> entities() {
    List<Entity> all = new ArrayList<>(messages);
    all.addAll(runs.all());
    return all;
  }

  /** Takes the next message, as it is spelt. */
  void take(String json) {
    Map<String, String> message = JsonText.members(json);
    String id = String.format(Locale.ROOT, "message-%06d", messages.size());
    String role = Transcript.text(message, "role");
    String content = message.getOrDefault("content", "null");
    List<String> parts = JsonText.elements(content);
    String time = OpenClawTime.canonical(message.get("timestamp"));
    String calls = message.getOrDefault("tool_calls", "null");
    messages.add(
        Entity.of(Kind.MESSAGE)
            .set("session_id", session)
            .set("message_id", id)
            .set("role", ROLES.contains(String.valueOf(role)) ? role : "event")
            .set("role_raw", role)
            .set("content", parts == null ? JsonText.unquote(content) : Parts.texts(parts, "text"))
            .set("content_form", parts == null ? "string" : "parts")
            .set("parts", parts == null ? null : content)
            .set("timestamp", time)
            .set("tool_calls", JsonText.isNull(calls) ? null : calls)
            .set("tool_call_id", Transcript.text(message, "tool_call_id"))
            .set("tool_name", Transcript.text(message, "name"))
            .set("seq", Integer.toString(messages.size()))
            .set("unknown", unknown(message, time, json))
            .build());
    run(id, role, message, JsonText.elements(calls));
  }

  /** What no field takes, and with it the message as it is spelt. */
  private static String unknown(Map<String, String> message, String time, String json) {
    Map<String, String> unknown = new LinkedHashMap<>(message);
    unknown.keySet().removeAll(TAKEN);
    String said = message.getOrDefault("timestamp", "null");
    if (time == null && !JsonText.isNull(said)) {
      unknown.put("timestamp", said);
    }
    String content = message.getOrDefault("content", "null");
    if (JsonText.members(content) != null || content.matches("[-0-9tf].*")) {
      unknown.put("content", content);
    }
    unknown.values().removeIf(JsonText::isNull);
    if (unknown.isEmpty()) {
      return null;
    }
    unknown.put(Transcript.RAW, JsonText.quote(json));
    return JsonText.object(unknown);
  }

  private void run(String id, String role, Map<String, String> message, List<String> calls) {
    for (int i = 0; calls != null && i < calls.size(); i++) {
      Map<String, String> call = JsonText.members(calls.get(i));
      if (call != null) {
        runs.call(id, i, message, flat(call));
      }
    }
    if ("tool".equals(role)) {
      Map<String, String> result = new LinkedHashMap<>();
      result.put("toolCallId", message.getOrDefault("tool_call_id", "null"));
      result.put("toolName", message.getOrDefault("name", "null"));
      result.put("content", message.getOrDefault("content", "null"));
      runs.result(id, message, result);
    }
  }

  /** Some providers wrap name and arguments of a call into a member {@code function}. */
  private static Map<String, String> flat(Map<String, String> call) {
    Map<String, String> function = JsonText.members(call.getOrDefault("function", "null"));
    if (function == null) {
      return call;
    }
    Map<String, String> both = new LinkedHashMap<>(function);
    both.putAll(call);
    return both;
  }
}
