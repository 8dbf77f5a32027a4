package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A transcript's lines as entities. Each keeps its line, as it is spelt, and the line's number in
 * {@code unknown}, so that the same bytes can be written again. A line that means nothing to us is
 * an event of type {@code unparsed}.
 */
final class Transcript {
  /** Members of {@code unknown}. */
  static final String LINE = "line";

  static final String RAW = "raw";
  static final String BYTES = "raw_base64";

  private static final Map<String, String> ROLES =
      Map.of("toolResult", "tool", "user", "user", "assistant", "assistant", "system", "system");

  private final String session;
  private final List<Entity> entities = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private final ToolRuns runs;
  private final Set<String> untold = new HashSet<>();
  private final List<Entity> keptRuns = new ArrayList<>();
  private KeptMember ofSession = new KeptMember(Map.of(), List.of(), false);
  private Map<String, String> header = Map.of();
  private String headerLine;
  private int line;

  private Transcript(String session) {
    this.session = session;
    this.runs = new ToolRuns(session);
  }

  /** Reads a transcript of any of its three versions. */
  static Transcript read(String session, byte[] bytes) {
    List<ByteBuffer> lines = new ArrayList<>();
    int from = 0;
    while (from < bytes.length) {
      int to = from;
      while (to < bytes.length && bytes[to] != '\n') {
        to++;
      }
      lines.add(ByteBuffer.wrap(bytes, from, to - from));
      from = to + 1;
    }
    return read(session, lines);
  }

  /** Likewise, from its lines. */
  static Transcript read(String session, List<ByteBuffer> lines) {
    Transcript transcript = new Transcript(session);
    lines.forEach(transcript::take);
    transcript.entities.addAll(transcript.allRuns());
    return transcript;
  }

  /** What the lines say, in their order; then the runs of tools that they tell of. */
  List<Entity> entities() {
    return entities;
  }

  private List<Entity> allRuns() {
    List<Entity> all = new ArrayList<>();
    runs.all().stream().filter(run -> !untold.contains(run.text("tool_run_id"))).forEach(all::add);
    for (Entity run : keptRuns) {
      all.removeIf(other -> other.text("tool_run_id").equals(run.text("tool_run_id")));
      all.add(run);
    }
    return all;
  }

  /** What is kept of the session itself that no line tells. */
  KeptMember ofSession() {
    return ofSession;
  }

  /** The members of the line that the transcript begins with; empty if it has none. */
  Map<String, String> header() {
    return header;
  }

  /** The line that it begins with, or null. */
  String headerLine() {
    return headerLine;
  }

  private void take(ByteBuffer bytes) {
    try {
      String raw = UTF_8.newDecoder().decode(bytes.duplicate()).toString();
      if (raw.indexOf('\0') >= 0) {
        // What a crash leaves of a file that was being written; no database takes it as text.
        takeBytes(bytes);
      } else {
        take(raw);
      }
    } catch (CharacterCodingException e) {
      takeBytes(bytes);
    }
    line++;
  }

  private void takeBytes(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    Entity.Builder event = event("unparsed", Map.of());
    Map<String, String> unknown = new LinkedHashMap<>();
    unknown.put(LINE, Integer.toString(line));
    unknown.put(BYTES, JsonText.quote(Base64.getEncoder().encodeToString(copy)));
    entities.add(event.set("unknown", JsonText.object(unknown)).build());
  }

  private void take(String raw) {
    Map<String, String> members = members(raw);
    String type = text(members, "type");
    if (line == 0 && "session".equals(type)) {
      header = members;
      headerLine = raw;
      KeptMember.of(members).ifPresent(kept -> ofSession = kept);
      return;
    }
    try {
      add(entity(type == null ? "unparsed" : type, members, raw), members);
    } catch (MalformedRecordException e) {
      // Its times or numbers are none; as a line it is kept all the same.
      entities.add(kept(event("unparsed", Map.of()), raw));
    }
  }

  /** What a line tells, with what Segue kept in it. */
  private void add(Entity told, Map<String, String> members) {
    Optional<KeptMember> kept = KeptMember.of(members);
    kept.ifPresent(member -> untold.addAll(member.untold()));
    Optional<KeptLine> ours = KeptLine.read(members);
    if (ours.isEmpty()) {
      entities.add(kept.map(member -> member.over(told)).orElse(told));
    } else if (ours.get().kind() == Kind.SESSION) {
      ofSession = ours.get().kept();
    } else if (ours.get().kind() == Kind.TOOL_RUN) {
      keptRuns.add(ours.get().entity(session, told));
    } else {
      entities.add(ours.get().entity(session, told));
    }
  }

  /** The members of a line; none if it is no object. */
  static Map<String, String> members(String raw) {
    try {
      return raw.isBlank() ? Map.of() : JsonText.membersOf(raw);
    } catch (MalformedRecordException e) {
      return Map.of();
    }
  }

  static String text(Map<String, String> members, String name) {
    return members.containsKey(name) ? JsonText.unquote(members.get(name)) : null;
  }

  private Entity entity(String type, Map<String, String> members, String raw) {
    return switch (type) {
      case "message" -> message(members, raw);
      case "compaction", "branch_summary" -> kept(summary(type, members), raw);
      default -> kept(event(type, members), raw);
    };
  }

  private Entity kept(Entity.Builder entity, String raw) {
    Map<String, String> unknown = new LinkedHashMap<>();
    unknown.put(LINE, Integer.toString(line));
    unknown.put(RAW, JsonText.quote(raw));
    return entity.set("unknown", JsonText.object(unknown)).build();
  }

  /**
   * Files of the first version have no ids, and some ids stand twice; a line's place never does.
   */
  private String id(Map<String, String> members) {
    String place = String.format(java.util.Locale.ROOT, "line-%06d", line);
    String said = text(members, "id");
    String id = said == null ? place : said;
    return ids.add(id) ? id : id + "@" + place;
  }

  private Entity message(Map<String, String> members, String raw) {
    Map<String, String> message = JsonText.members(members.getOrDefault("message", "null"));
    if (message == null) {
      return kept(event("unparsed", members), raw);
    }
    String id = id(members);
    String role = text(message, "role");
    String content = message.getOrDefault("content", "null");
    List<String> parts = JsonText.elements(content);
    Entity.Builder entity =
        Entity.of(Kind.MESSAGE)
            .set("session_id", session)
            .set("message_id", id)
            .set("role", role == null ? "event" : ROLES.getOrDefault(role, "event"))
            .set("role_raw", role)
            .set("content", parts == null ? textOf(content) : Parts.texts(parts, "text"))
            .set("content_form", parts == null ? "string" : "parts")
            .set("timestamp", OpenClawTime.canonical(members.get("timestamp")))
            .set("tool_call_id", text(message, "toolCallId"))
            .set("tool_name", text(message, "toolName"))
            .set("seq", Integer.toString(line))
            .set("parent_message_id", text(members, "parentId"))
            .set("model", text(message, "model"))
            .set("provider", text(message, "provider"))
            .set("stop_reason", text(message, "stopReason"))
            .set("error", text(message, "errorMessage"))
            .set("usage", message.get("usage"));
    if (parts != null) {
      entity.set("parts", content);
      List<String> calls = Parts.of(parts, "toolCall");
      if (!calls.isEmpty()) {
        entity.set("tool_calls", "[" + String.join(",", calls) + "]");
      }
      String thinking = Parts.texts(Parts.of(parts, "thinking"), "thinking");
      entity.set("thinking", thinking.isEmpty() ? null : thinking);
    }
    if (message.containsKey("timestamp")) {
      entity.set("time", "{\"message\":" + message.get("timestamp") + "}");
    }
    runs.see(id, members, message, parts == null ? List.of() : parts);
    return kept(entity, raw);
  }

  private static String textOf(String content) {
    String text = JsonText.unquote(content);
    return text == null ? "" : text;
  }

  private Entity.Builder summary(String type, Map<String, String> members) {
    Map<String, String> covers = new LinkedHashMap<>(members);
    covers
        .keySet()
        .retainAll(List.of("firstKeptEntryId", "firstKeptEntryIndex", "fromId", "tokensBefore"));
    return Entity.of(Kind.MEMORY_SUMMARY)
        .set("session_id", session)
        .set("summary_id", id(members))
        .set("scope", "session")
        .set("text", text(members, "summary"))
        .set("version", Integer.toString(line))
        .set("trigger", type)
        .set("covers", JsonText.object(covers))
        .set("created_at", OpenClawTime.canonical(members.get("timestamp")));
  }

  private Entity.Builder event(String type, Map<String, String> members) {
    return Entity.of(Kind.EVENT)
        .set("session_id", session)
        .set("event_id", id(members))
        .set("type", type)
        .set("seq", Integer.toString(line))
        .set("to", text(members, type.equals("model_change") ? "modelId" : "thinkingLevel"))
        .set("timestamp", OpenClawTime.canonical(members.get("timestamp")));
  }
}
