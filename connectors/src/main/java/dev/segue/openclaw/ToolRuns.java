package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The runs of tools that a transcript tells of. Ids of calls repeat; a result belongs to the oldest
 * call of its id that has none. A run that was broken off has no result.
 */
final class ToolRuns {
  private final String session;
  private final List<Entity.Builder> all = new ArrayList<>();
  private final Map<String, Deque<Entity.Builder>> open = new HashMap<>();

  ToolRuns(String session) {
    this.session = session;
  }

  /**
   * Takes a message in.
   *
   * @param entry the line's members
   * @param message the members of what it says
   */
  void see(String id, Map<String, String> entry, Map<String, String> message, List<String> parts) {
    List<String> calls = Parts.of(parts, "toolCall");
    for (int i = 0; i < calls.size(); i++) {
      call(id, i, entry, JsonText.members(calls.get(i)));
    }
    if ("toolResult".equals(Transcript.text(message, "role"))) {
      result(id, entry, message);
    }
  }

  /** Takes a call in: the members of its message, and those of the call itself. */
  void call(String id, int index, Map<String, String> entry, Map<String, String> part) {
    String callId = Transcript.text(part, "id");
    Entity.Builder run =
        Entity.of(Kind.TOOL_RUN)
            .set("session_id", session)
            .set("tool_run_id", id + ":" + index)
            .set("call_message_id", id)
            .set("call_index", Integer.toString(index))
            .set("call_id", callId)
            .set("name", Transcript.text(part, "name"))
            .set("arguments", part.get("arguments"))
            .set("status", "no_result")
            .set("started_at", OpenClawTime.canonical(entry.get("timestamp")));
    all.add(run);
    open.computeIfAbsent(String.valueOf(callId), unused -> new ArrayDeque<>()).add(run);
  }

  /** Takes a result in; one that does not say whether it failed is none that did. */
  void result(String id, Map<String, String> entry, Map<String, String> message) {
    String callId = String.valueOf(Transcript.text(message, "toolCallId"));
    Entity.Builder run = open.getOrDefault(callId, new ArrayDeque<>()).poll();
    boolean failed = "true".equals(message.get("isError"));
    if (run == null) {
      run =
          Entity.of(Kind.TOOL_RUN)
              .set("session_id", session)
              .set("tool_run_id", id + ":result")
              .set("call_id", callId)
              .set("name", Transcript.text(message, "toolName"));
      all.add(run.set("status", "orphan_result"));
    } else {
      run.set("status", failed ? "failed" : "succeeded");
    }
    run.set("result_message_id", id)
        .set("result", message.get("content"))
        .set("is_error", Boolean.toString(failed))
        .set("ended_at", OpenClawTime.canonical(entry.get("timestamp")));
  }

  /** In the order of their calls. */
  List<Entity> all() {
    return all.stream().map(Entity.Builder::build).toList();
  }
}
