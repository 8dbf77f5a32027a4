package dev.segue.interchange;

import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A session as one JSON document: {@code {"session_id", "user_id", "messages": [{"role", "content",
 * "timestamp", "tool_call_id", "tool_name", "metadata", …}], "created_at", "updated_at",
 * "agent_name", "metadata", …}}. These members are always there; what a session has besides follows
 * under its own name, and other kinds of entity in lists: {@code tool_runs}, {@code
 * memory_summaries}, {@code checkpoints}, {@code events}, {@code retry_states}, {@code
 * state_entries}, {@code memory_items}. Whatever else stands in a document is kept in {@code
 * unknown}.
 */
final class Bundle {
  private static final List<String> OF_A_SESSION =
      List.of(
          "session_id",
          "user_id",
          "messages",
          "created_at",
          "updated_at",
          "agent_name",
          "metadata");
  private static final List<String> OF_A_MESSAGE =
      List.of("role", "content", "timestamp", "tool_call_id", "tool_name", "metadata");

  private static final String MESSAGES = "messages";
  private static final String SESSION_ID = "session_id";

  private Bundle() {}

  /** What a list of a kind is called. */
  private static String listName(Kind kind) {
    return switch (kind) {
      case SESSION, MESSAGE, TOOL_RUN, CHECKPOINT, EVENT, RETRY_STATE, MEMORY_ITEM ->
          kind.wireName() + "s";
      case MEMORY_SUMMARY -> "memory_summaries";
      case STATE_ENTRY -> "state_entries";
    };
  }

  /** The document on one line. */
  static String write(SessionDocument document) {
    Map<String, String> session =
        document.session().map(Bundle::members).orElseGet(LinkedHashMap::new);
    session.put(SESSION_ID, JsonText.quote(document.sessionId()));
    session.put(MESSAGES, list(document, Kind.MESSAGE, OF_A_MESSAGE));
    Map<String, String> members = inOrder(session, OF_A_SESSION);
    for (Kind kind : Kind.values()) {
      if (kind != Kind.SESSION && kind != Kind.MESSAGE && !document.of(kind).isEmpty()) {
        members.put(listName(kind), list(document, kind, List.of()));
      }
    }
    return JsonText.object(members);
  }

  private static String list(SessionDocument document, Kind kind, List<String> always) {
    List<String> elements = new ArrayList<>();
    for (Entity entity : document.of(kind)) {
      Map<String, String> members = members(entity);
      members.remove(SESSION_ID);
      elements.add(JsonText.object(inOrder(members, always)));
    }
    return "[" + String.join(",", elements) + "]";
  }

  /**
   * Members that are always there first, null if need be; of the others those that are not null.
   */
  private static Map<String, String> inOrder(Map<String, String> members, List<String> always) {
    Map<String, String> ordered = new LinkedHashMap<>();
    always.forEach(name -> ordered.put(name, members.getOrDefault(name, "null")));
    members.forEach(
        (name, value) -> {
          if (!JsonText.isNull(value)) {
            ordered.putIfAbsent(name, value);
          }
        });
    return ordered;
  }

  private static Map<String, String> members(Entity entity) {
    return JsonText.members(JsonText.members(CanonicalCodec.write(entity)).get("entity"));
  }

  /**
   * Reads a document.
   *
   * @throws MalformedRecordException saying what is wrong with it
   */
  static SessionDocument read(String text) {
    Map<String, String> members = JsonText.membersOf(text);
    String id = JsonText.unquote(members.getOrDefault(SESSION_ID, "null"));
    if (id == null) {
      throw new MalformedRecordException("has no session_id that is a string");
    }
    List<Entity> entities = new ArrayList<>();
    Map<String, String> session = new LinkedHashMap<>(members);
    for (Kind kind : Kind.values()) {
      String list = kind == Kind.SESSION ? null : session.remove(listName(kind));
      if (list != null && !JsonText.isNull(list)) {
        entities.addAll(entities(id, kind, list));
      }
    }
    entities.add(0, entity(Kind.SESSION, session));
    return new SessionDocument(id, entities);
  }

  private static List<Entity> entities(String session, Kind kind, String list) {
    List<String> elements = JsonText.elements(list);
    if (elements == null) {
      throw new MalformedRecordException(
          "session " + session + ": " + listName(kind) + " is no list");
    }
    List<Entity> entities = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      Map<String, String> members = JsonText.members(elements.get(i));
      if (members == null) {
        throw new MalformedRecordException(
            "session " + session + ": " + listName(kind) + "[" + i + "] is no object");
      }
      Map<String, String> all = new LinkedHashMap<>();
      all.put(SESSION_ID, JsonText.quote(session));
      all.putAll(members);
      if (kind == Kind.MESSAGE) {
        // The list's order is the order of the conversation; times may be equal, or missing.
        all.putIfAbsent("seq", Integer.toString(i));
      }
      try {
        entities.add(entity(kind, all));
      } catch (MalformedRecordException e) {
        throw new MalformedRecordException(
            "session " + session + ": " + listName(kind) + "[" + i + "]: " + e.getMessage(), e);
      }
    }
    return entities;
  }

  private static Entity entity(Kind kind, Map<String, String> members) {
    Map<String, String> all = new LinkedHashMap<>(members);
    all.replaceAll(Bundle::withZone);
    return CanonicalCodec.readEntity(
        "{\"v\":1,\"kind\":"
            + JsonText.quote(kind.wireName())
            + ",\"entity\":"
            + JsonText.object(all)
            + "}");
  }

  /** A time that names no zone is one of UTC: Python writes such where its zone is not set. */
  private static String withZone(String name, String json) {
    boolean time = name.endsWith("_at") || name.equals("timestamp");
    String text = time ? JsonText.unquote(json) : null;
    if (text == null) {
      return json;
    }
    try {
      return JsonText.quote(
          LocalDateTime.parse(text.replace(' ', 'T')).atOffset(ZoneOffset.UTC).toString());
    } catch (DateTimeParseException e) {
      return json;
    }
  }
}
