package dev.segue.openclaw;

import java.util.List;
import java.util.Locale;

/**
 * The tables of OpenClaw's database that are read, and their columns; of all others no row is ever
 * read. Some keep credentials.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists are never changed
enum AgentTable {
  /** The keys that people talk under, each with its entry. */
  SESSION_NODES(
      true,
      List.of("session_key", "current_session_id", "entry_json", "updated_at"),
      List.of("parent_session_key", "spawned_by")),
  /** The sessions that a key had, one after the other. */
  SESSION_WINDOWS(
      true,
      List.of(
          "session_id", "session_key", "previous_session_id", "reason", "created_at", "updated_at"),
      List.of(
          "started_at",
          "ended_at",
          "status",
          "chat_type",
          "channel",
          "account_id",
          "model_provider",
          "model",
          "parent_session_key",
          "spawned_by",
          "display_name")),
  /** The lines of transcripts. */
  TRANSCRIPT_EVENTS(true, List.of("session_id", "seq", "event_json"), List.of()),
  /** Another text whenever lines of a session were written anew. */
  TRANSCRIPT_REWRITE_WATERMARKS(true, List.of("session_id", "generation"), List.of()),
  /** Transcripts that were put away; made when there is the first one. */
  SESSION_TRANSCRIPT_ARCHIVES(
      false,
      List.of(
          "session_id",
          "generation",
          "session_key",
          "reason",
          "encoding",
          "archive_blob",
          "archive_sha256",
          "created_at"),
      List.of());

  private final boolean needed;
  private final List<String> columns;
  private final List<String> optional;

  AgentTable(boolean needed, List<String> columns, List<String> optional) {
    this.needed = needed;
    this.columns = columns;
    this.optional = optional;
  }

  /** Its name in the database. */
  String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether there is none without it. */
  boolean isNeeded() {
    return needed;
  }

  /** The columns that it has to have. */
  List<String> columns() {
    return columns;
  }

  /** Those that only some versions have. */
  List<String> optional() {
    return optional;
  }
}
