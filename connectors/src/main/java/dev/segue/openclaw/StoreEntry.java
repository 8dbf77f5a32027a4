package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What {@code sessions.json} says of a session that is written, and which file it names. */
final class StoreEntry {
  /** What file systems take, without what a fresh file is called until it is whole. */
  private static final int BYTES = 255 - "..segue".length();

  private StoreEntry() {}

  /** The session's entries by their keys, as they are spelt, that of its own key first. */
  static Map<String, String> of(SessionDocument document) {
    Map<String, String> unknown = document.session().map(TranscriptText::unknown).orElse(Map.of());
    if (unknown.containsKey(StoreFiles.ENTRIES)) {
      Map<String, String> entries = JsonText.members(unknown.get(StoreFiles.ENTRIES));
      if (entries != null && !entries.isEmpty()) {
        return ordered(document.session().map(entity -> entity.text("session_key")), entries);
      }
    }
    Optional<Entity> session = document.session();
    String key =
        session
            .map(entity -> entity.text("session_key"))
            .orElse("agent:main:" + document.sessionId());
    Map<String, String> entry = new LinkedHashMap<>();
    entry.put("sessionId", JsonText.quote(document.sessionId()));
    session
        .map(entity -> entity.text("updated_at"))
        .flatMap(time -> OpenClawTime.millis(JsonText.quote(time)))
        .ifPresent(millis -> entry.put("updatedAt", Long.toString(millis)));
    entry.put("sessionFile", JsonText.quote(document.sessionId() + StoreFiles.TRANSCRIPT));
    return Map.of(key, JsonText.object(entry));
  }

  /** Likewise; none if the session came from a transcript that no entry named. */
  static Map<String, String> asItWas(SessionDocument document) {
    Map<String, String> unknown = document.session().map(TranscriptText::unknown).orElse(Map.of());
    boolean spelt = unknown.containsKey(Transcript.RAW) || unknown.containsKey(StoreFiles.HEADLESS);
    boolean named =
        unknown.containsKey(StoreFiles.ENTRIES)
            || document.session().filter(one -> one.text("session_key") != null).isPresent();
    return spelt && !named ? Map.of() : of(document);
  }

  private static Map<String, String> ordered(Optional<String> own, Map<String, String> entries) {
    Map<String, String> ordered = new LinkedHashMap<>();
    own.filter(entries::containsKey).ifPresent(key -> ordered.put(key, entries.get(key)));
    entries.forEach(ordered::putIfAbsent);
    return ordered;
  }

  /**
   * The file that an entry names, or the session's own; never one outside of the directory.
   *
   * @throws MalformedRecordException if it cannot be the name of a file
   */
  static Path transcript(Path directory, String session, Map<String, String> entries) {
    String named =
        entries.values().stream()
            .map(JsonText::members)
            .filter(entry -> entry != null)
            .map(entry -> entry.getOrDefault("sessionFile", entry.get("session_file")))
            .filter(name -> name != null && JsonText.unquote(name) != null)
            .map(name -> lastName(session, JsonText.unquote(name)))
            .findFirst()
            .orElse(session + StoreFiles.TRANSCRIPT);
    return file(directory, session, named);
  }

  private static Path file(Path directory, String session, String named) {
    try {
      Path file = directory.resolve(named).normalize();
      if (directory.equals(file.getParent())
          && named.endsWith(StoreFiles.TRANSCRIPT)
          && named.getBytes(UTF_8).length <= BYTES) {
        return file;
      }
    } catch (InvalidPathException e) {
      throw new MalformedRecordException(refusal(session) + ": " + e.getReason(), e);
    }
    throw new MalformedRecordException(refusal(session));
  }

  private static String lastName(String session, String path) {
    try {
      return String.valueOf(Path.of(path).getFileName());
    } catch (InvalidPathException e) {
      throw new MalformedRecordException(refusal(session) + ": " + e.getReason(), e);
    }
  }

  private static String refusal(String session) {
    return "session " + session + " cannot be the name of a file";
  }
}
