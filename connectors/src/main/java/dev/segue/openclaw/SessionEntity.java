package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A session itself, as the entries that name it and the header of its transcript tell it. */
final class SessionEntity {
  private SessionEntity() {}

  /**
   * Makes it.
   *
   * @param entries by their keys, as they are spelt
   * @param torn whether the transcript's last line has no end
   */
  static Entity of(String id, Map<String, String> entries, Transcript transcript, boolean torn) {
    List<String> keys = List.copyOf(entries.keySet());
    Map<String, String> header = transcript.header();
    Map<String, String> metadata = new LinkedHashMap<>(header);
    metadata.keySet().retainAll(List.of("cwd", "parentSession", "thinkingLevel"));
    Entity told =
        Entity.of(Kind.SESSION)
            .set("session_id", id)
            .set("agent_name", SessionStore.agent(keys).orElse("main"))
            .set("created_at", OpenClawTime.canonical(header.get("timestamp")))
            .set("updated_at", OpenClawTime.canonical(updated(entries)))
            .set("session_key", keys.isEmpty() ? null : keys.get(0))
            .set("model", Transcript.text(header, "modelId"))
            .set("metadata", JsonText.object(metadata))
            .set("unknown", unknown(entries, transcript, torn))
            .build();
    return transcript.ofSession().over(told);
  }

  /** When it was last written to, as JSON; null if no entry says it. */
  private static String updated(Map<String, String> entries) {
    return entries.values().stream()
        .map(JsonText::members)
        .filter(Objects::nonNull)
        .map(entry -> entry.getOrDefault("updatedAt", entry.get("updated_at")))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** What it takes to write the same files again. */
  private static String unknown(Map<String, String> entries, Transcript transcript, boolean torn) {
    Map<String, String> unknown = new LinkedHashMap<>();
    if (transcript.headerLine() != null) {
      unknown.put(Transcript.RAW, JsonText.quote(transcript.headerLine()));
    } else {
      unknown.put(StoreFiles.HEADLESS, "true");
    }
    if (torn) {
      unknown.put(StoreFiles.TORN, "true");
    }
    if (!entries.isEmpty()) {
      unknown.put(StoreFiles.ENTRIES, JsonText.object(entries));
    }
    return JsonText.object(unknown);
  }
}
