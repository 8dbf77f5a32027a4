package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the rows of the database say of a session.
 *
 * @param stamp at the same moment
 * @param entries of the keys that mean it
 * @param window the row of the session itself, each column as JSON; empty if there is none
 * @param lines of its transcript, in their order
 * @param archive of its transcript, where it has no lines any more
 */
record SessionRows(
    String session,
    RowStamps.Stamp stamp,
    Map<String, byte[]> entries,
    Map<String, String> window,
    List<byte[]> lines,
    Optional<TranscriptArchive> archive) {
  /** A member of {@code unknown}: the session's row. */
  private static final String WINDOW = "window";

  /**
   * The session, as its transcript would tell it if it were a file.
   *
   * @return empty if there is none
   * @throws MalformedRecordException saying what is wrong with it
   */
  Optional<SessionDocument> document() {
    if (entries.isEmpty() && window.isEmpty() && lines.isEmpty() && archive.isEmpty()) {
      return Optional.empty();
    }
    Transcript transcript =
        archive
            .map(packed -> Transcript.read(session, packed.unpack()))
            .orElseGet(() -> Transcript.read(session, spelt()));
    List<Entity> entities = new ArrayList<>();
    entities.add(session(SessionEntity.of(session, known(), transcript, false)));
    entities.addAll(transcript.entities());
    return Optional.of(new SessionDocument(session, entities));
  }

  /** The entries, that of the session's own key first. */
  private Map<String, String> known() {
    Map<String, String> known = new LinkedHashMap<>();
    String own = text("session_key");
    if (own != null && entries.containsKey(own)) {
      known.put(own, entry(entries.get(own)));
    }
    entries.forEach((key, entry) -> known.putIfAbsent(key, entry(entry)));
    return known;
  }

  private static String entry(byte[] bytes) {
    try {
      String entry = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonText.membersOf(entry);
      return entry;
    } catch (CharacterCodingException e) {
      throw new MalformedRecordException("session_nodes.entry_json is not UTF-8", e);
    } catch (MalformedRecordException e) {
      throw new MalformedRecordException("session_nodes.entry_json " + e.getMessage(), e);
    }
  }

  /** The lines as they would stand in a file. */
  private List<ByteBuffer> spelt() {
    List<ByteBuffer> spelt = new ArrayList<>();
    for (byte[] line : lines) {
      if (line == null) {
        throw new MalformedRecordException(
            "transcript_events.event_json of line " + spelt.size() + " is null");
      }
      spelt.add(oneLine(line));
    }
    return spelt;
  }

  private static ByteBuffer oneLine(byte[] line) {
    int end = line.length;
    while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == '\r')) {
      end--;
    }
    ByteBuffer bytes = ByteBuffer.wrap(line, 0, end);
    boolean several = false;
    for (int i = 0; i < end; i++) {
      several |= line[i] == '\n';
    }
    return several ? together(bytes) : bytes;
  }

  /** A line break inside of JSON stands between its parts, where it says nothing. */
  private static ByteBuffer together(ByteBuffer bytes) {
    try {
      String json = UTF_8.newDecoder().decode(bytes.duplicate()).toString();
      JsonText.check(json);
      return ByteBuffer.wrap(JsonText.onOneLine(json).getBytes(UTF_8));
    } catch (CharacterCodingException | MalformedRecordException e) {
      return bytes;
    }
  }

  /** What no transcript tells: which session came before, and the row itself. */
  private Entity session(Entity told) {
    Entity.Builder entity = told.toBuilder();
    Map<String, String> unknown = new LinkedHashMap<>(TranscriptText.unknown(told));
    if (!window.isEmpty()) {
      unknown.put(WINDOW, JsonText.object(window));
    }
    if (told.text("session_key") == null && text("session_key") != null) {
      entity.set("session_key", text("session_key"));
      SessionStore.agent(List.of(text("session_key")))
          .ifPresent(agent -> entity.set("agent_name", agent));
    }
    for (String time : List.of("created_at", "updated_at")) {
      if (told.text(time) == null) {
        entity.set(time, OpenClawTime.canonical(window.get(time)));
      }
    }
    if (told.text("model") == null) {
      entity.set("model", text("model"));
    }
    return entity.set("lineage", lineage()).set("unknown", JsonText.object(unknown)).build();
  }

  private String lineage() {
    List<String> lineage = new ArrayList<>();
    String reason = text("reason");
    boolean plain = reason == null || reason.equals("initial");
    relate(lineage, plain ? "previous" : reason, "session_id", "previous_session_id");
    relate(lineage, "parent", "session_key", "parent_session_key");
    relate(lineage, "spawned_by", "session_key", "spawned_by");
    return lineage.isEmpty() ? null : "[" + String.join(",", lineage) + "]";
  }

  private void relate(List<String> lineage, String relation, String member, String column) {
    if (window.containsKey(column)) {
      Map<String, String> other = new LinkedHashMap<>();
      other.put("rel", JsonText.quote(relation));
      other.put(member, window.get(column));
      lineage.add(JsonText.object(other));
    }
  }

  private String text(String column) {
    String json = window.get(column);
    return json == null ? null : JsonText.unquote(json);
  }
}
