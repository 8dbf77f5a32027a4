package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The store of the newer generation: {@code sessions.json}, a map from a session's key to its
 * entry, and beside it a transcript for each session. What others wrote into it stays as they spelt
 * it.
 */
final class SessionStore {
  static final String FILE = "sessions.json";

  /**
   * The texts that an entry of the store may have; a member of another name, or of another type,
   * would make the application refuse the store or drop it.
   */
  private static final List<String> TEXTS =
      List.of(
          "label",
          "display_name",
          "spawned_by",
          "chat_type",
          "channel",
          "group_id",
          "subject",
          "group_channel",
          "space",
          "thinking_level",
          "verbose_level",
          "reasoning_level",
          "elevated_level",
          "provider_override",
          "model_override",
          "model_provider",
          "model",
          "last_channel",
          "last_to",
          "last_account_id");

  private final Path directory;
  private final Map<String, String> entries;
  private boolean changed;

  private SessionStore(Path directory, Map<String, String> entries) {
    this.directory = directory;
    this.entries = entries;
  }

  /**
   * Reads the store, or begins one.
   *
   * @throws MalformedRecordException if there is one that is not such a map
   */
  static SessionStore read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return new SessionStore(directory, new LinkedHashMap<>());
    }
    return parse(directory, Files.readString(file));
  }

  /**
   * What a store's text says.
   *
   * @throws MalformedRecordException if it is not such a map
   */
  static SessionStore parse(Path directory, String text) {
    return new SessionStore(directory, JsonText.membersOf(text));
  }

  /** The agent that one of the keys names: they begin with {@code agent:} and its id. */
  static Optional<String> agent(List<String> keys) {
    return keys.stream()
        .map(key -> key.split(":", 3))
        .filter(words -> words.length == 3 && words[0].equals("agent"))
        .map(words -> words[1])
        .findFirst();
  }

  Path file() {
    return directory.resolve(FILE);
  }

  /** Where a session's transcript goes. */
  Path transcript(String id) {
    return directory.resolve(id + ".jsonl");
  }

  /** Keys of sessions, and each one's id. */
  Map<String, String> sessions() {
    Map<String, String> sessions = new LinkedHashMap<>();
    entries.forEach((key, entry) -> id(entry).ifPresent(id -> sessions.put(key, id)));
    return sessions;
  }

  /** Ids that are no texts, as they are spelt, by the keys of their entries. */
  Map<String, String> nameless() {
    Map<String, String> nameless = new LinkedHashMap<>();
    entries.forEach(
        (key, entry) ->
            speltId(entry)
                .filter(id -> id.startsWith("\"") && id(entry).isEmpty())
                .ifPresent(id -> nameless.put(key, id.substring(1, id.length() - 1))));
    return nameless;
  }

  private static Optional<String> id(String entry) {
    try {
      return speltId(entry).map(JsonText::unquote);
    } catch (MalformedRecordException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> speltId(String entry) {
    return member(entry, "session_id").or(() -> member(entry, "sessionId"));
  }

  private static Optional<String> member(String entry, String name) {
    Map<String, String> members = JsonText.members(entry);
    return Optional.ofNullable(members == null ? null : members.get(name));
  }

  /** The members of an entry. */
  Map<String, String> members(String key) {
    Map<String, String> members = JsonText.members(entries.get(key));
    return members == null ? Map.of() : members;
  }

  /** What a key stands for; empty if for nothing. */
  Optional<String> idOf(String key) {
    return Optional.ofNullable(entries.get(key)).flatMap(SessionStore::id);
  }

  /** The entry of a key, as it is spelt. */
  String entry(String key) {
    return entries.get(key);
  }

  /** Adds an entry, unless the key has one. */
  void addEntry(String key, String entry) {
    changed |= entries.putIfAbsent(key, entry) == null;
  }

  /** Puts entries in the place of those that their keys have, and in their order. */
  void putEntries(Map<String, String> some) {
    List<String> there = entries.keySet().stream().filter(some::containsKey).toList();
    List<String> wanted = some.keySet().stream().filter(entries::containsKey).toList();
    if (!there.equals(wanted)) {
      entries.keySet().removeAll(some.keySet());
    }
    some.forEach((key, entry) -> changed |= !entry.equals(entries.put(key, entry)));
  }

  /** Takes an entry out. */
  void removeEntry(String key) {
    changed |= entries.remove(key) != null;
  }

  /** Adds a session, unless it is there. */
  void add(String key, SessionFile session) {
    if (idOf(key).filter(session.id()::equals).isPresent()) {
      return;
    }
    Map<String, String> entry = new LinkedHashMap<>();
    entry.put("session_id", JsonText.quote(session.id()));
    entry.put("updated_at", Long.toString(session.updatedAt()));
    entry.put("session_file", JsonText.quote(session.id() + ".jsonl"));
    for (String name : TEXTS) {
      session.metadataText(name).ifPresent(text -> entry.put(name, JsonText.quote(text)));
    }
    entries.put(key, JsonText.object(entry));
    changed = true;
  }

  /** Whether something was added that is not saved yet. */
  boolean isChanged() {
    return changed;
  }

  /** The transcript that an entry names. */
  Path transcriptOf(String key) {
    Map<String, String> members = members(key);
    String json = members.getOrDefault("session_file", members.get("sessionFile"));
    String named = json == null ? null : JsonText.unquote(json);
    return named == null
        ? transcript(idOf(key).orElseThrow())
        : directory.resolve(named).normalize();
  }

  /** What of a session's metadata an entry has no place for. */
  static List<String> homeless(SessionFile session) {
    return session.metadata().keySet().stream()
        .filter(name -> !name.equals("session_key"))
        .filter(name -> !TEXTS.contains(name) || session.metadataText(name).isEmpty())
        .toList();
  }

  void save() throws IOException {
    StringBuilder json = new StringBuilder("{");
    String comma = "\n";
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      json.append(comma).append("  ").append(JsonText.quote(entry.getKey())).append(": ");
      json.append(entry.getValue());
      comma = ",\n";
    }
    SafeFile.replace(file(), json.append("\n}\n").toString().getBytes(UTF_8));
    changed = false;
  }
}
