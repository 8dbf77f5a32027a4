package dev.segue.canonical;

import static dev.segue.canonical.FieldType.BOOLEAN;
import static dev.segue.canonical.FieldType.DECIMAL;
import static dev.segue.canonical.FieldType.INTEGER;
import static dev.segue.canonical.FieldType.JSON;
import static dev.segue.canonical.FieldType.TEXT;
import static dev.segue.canonical.FieldType.TIMESTAMP;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The nine kinds of canonical entity with their fields. The names of a session's and a message's
 * first fields are the ones of the published format that Segue grew out of; every kind also has
 * {@code metadata}, the application's own document, and {@code unknown}, the source fields that no
 * canonical field takes.
 */
@SuppressWarnings("ImmutableEnumChecker") // the maps are never changed after construction
public enum Kind {
  /** One conversation. */
  SESSION(
      new Fields()
          .identity("session_id")
          .add(TEXT, "user_id", "agent_name")
          .add(TIMESTAMP, "created_at", "updated_at")
          .add(JSON, "metadata")
          .add(TEXT, "session_key", "session_type", "title", "status")
          .add(TIMESTAMP, "ended_at", "expires_at")
          .add(TEXT, "tenant", "model", "system_prompt", "active_leaf")
          .add(JSON, "channel", "lineage", "context")
          .add(INTEGER, "message_count", "total_tokens")
          .add(DECIMAL, "total_cost")),
  /** One entry of a conversation's transcript. */
  MESSAGE(
      new Fields()
          .identity("session_id", "message_id")
          .add(TEXT, "role", "content")
          .add(TIMESTAMP, "timestamp")
          .add(TEXT, "tool_call_id", "tool_name")
          .add(JSON, "metadata")
          .add(TEXT, "role_raw", "content_form")
          .add(JSON, "parts", "time", "tool_calls", "tool_results", "usage")
          .add(INTEGER, "seq", "tokens_input", "tokens_output", "latency_ms")
          .add(DECIMAL, "cost")
          .add(TEXT, "order_key", "parent_message_id", "kind", "name", "agent_name")
          .add(TEXT, "model", "provider", "thinking", "stop_reason", "error")
          .add(BOOLEAN, "active", "settled")),
  /** One run of a tool, from call to result. */
  TOOL_RUN(
      new Fields()
          .identity("session_id", "tool_run_id")
          .add(TEXT, "call_message_id", "result_message_id", "call_id", "name", "status", "error")
          .add(INTEGER, "call_index", "attempt", "duration_ms")
          .add(JSON, "arguments", "result", "approval", "metadata")
          .add(BOOLEAN, "is_error")
          .add(TIMESTAMP, "started_at", "ended_at")
          .add(TEXT, "child_session_id")),
  /** A compressed stretch of a transcript, or what is remembered of a user. */
  MEMORY_SUMMARY(
      new Fields()
          .identity("session_id", "summary_id")
          .add(TEXT, "scope", "scope_id", "text", "version", "trigger", "model", "supersedes")
          .add(JSON, "covers", "metadata")
          .add(TIMESTAMP, "created_at")),
  /** A saved state that a run can be resumed from. */
  CHECKPOINT(
      new Fields()
          .identity("session_id", "namespace", "checkpoint_id")
          .add(TEXT, "parent_checkpoint_id", "source", "format")
          .add(INTEGER, "step")
          .add(TIMESTAMP, "created_at")
          .add(JSON, "state", "channels", "pending_writes", "metadata")
          .add(BOOLEAN, "latest")),
  /** Something that happened to a session. */
  EVENT(
      new Fields()
          .identity("session_id", "event_id")
          .add(TEXT, "type", "from", "to")
          .add(INTEGER, "seq")
          .add(TIMESTAMP, "timestamp")
          .add(JSON, "payload", "metadata")),
  /** How far the retries of something in a session are. */
  RETRY_STATE(
      new Fields()
          .identity("session_id", "scope", "target_id")
          .add(INTEGER, "attempt_count", "max_attempts")
          .add(TEXT, "last_error", "state")
          .add(TIMESTAMP, "last_attempt_at", "next_attempt_at", "cooldown_until")
          .add(JSON, "lock", "metadata")),
  /** One value of a scope's key-value state. */
  STATE_ENTRY(
      new Fields()
          .identity("session_id", "scope", "key")
          .add(TEXT, "scope_id", "version")
          .add(JSON, "value", "metadata")
          .add(TIMESTAMP, "updated_at", "expires_at")),
  /** One remembered item, with its embeddings. */
  MEMORY_ITEM(
      new Fields()
          .identity("session_id", "memory_id")
          .add(TEXT, "namespace", "user_id", "agent_name", "text", "text_sha256", "type")
          .add(DECIMAL, "importance")
          .add(BOOLEAN, "pinned")
          .add(INTEGER, "access_count")
          .add(TIMESTAMP, "created_at", "updated_at", "expires_at", "last_accessed")
          .add(JSON, "topics", "entities", "embeddings", "source_message_ids", "metadata"));

  private static final Map<String, Kind> BY_WIRE_NAME = new HashMap<>();

  static {
    for (Kind kind : values()) {
      BY_WIRE_NAME.put(kind.wireName(), kind);
    }
  }

  private final String wireName = name().toLowerCase(Locale.ROOT);
  private final List<Field> fields;
  private final List<Field> identity;
  private final Map<String, Field> byName = new HashMap<>();

  Kind(Fields fields) {
    this.fields = List.copyOf(fields.add(JSON, "unknown").list);
    this.identity = this.fields.stream().filter(Field::identity).toList();
    this.fields.forEach(field -> byName.put(field.name(), field));
  }

  /** All fields, identity first, in the order they are written. */
  public List<Field> fields() {
    return fields;
  }

  /** The field of that name, if this kind has it. */
  public Optional<Field> field(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The field that names the session; every change is routed and ordered by it. */
  public Field sessionField() {
    return fields.get(0);
  }

  /** The fields that identify an entity of this kind. */
  public List<Field> identity() {
    return identity;
  }

  /** The kind's name on the wire, such as {@code tool_run}. */
  public String wireName() {
    return wireName;
  }

  /** The kind with that wire name, if there is one. */
  public static Optional<Kind> of(String wireName) {
    return Optional.ofNullable(BY_WIRE_NAME.get(wireName));
  }

  /** The wire names of all kinds, for messages. */
  public static List<String> wireNames() {
    return Arrays.stream(values()).map(Kind::wireName).toList();
  }

  private static final class Fields {
    private final List<Field> list = new ArrayList<>();

    Fields identity(String... names) {
      for (String name : names) {
        list.add(new Field(name, TEXT, list.size(), true));
      }
      return this;
    }

    Fields add(FieldType type, String... names) {
      for (String name : names) {
        list.add(new Field(name, type, list.size(), false));
      }
      return this;
    }
  }
}
