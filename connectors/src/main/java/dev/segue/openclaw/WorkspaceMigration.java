package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Brings a workspace of OpenClaw's older generation, a JSON file for each session, into the store
 * that came after it, and back. What is there already stays; doing it twice does nothing.
 */
public final class WorkspaceMigration {
  private static final String MAP = "session_map.json";
  private static final String BACKUP = "backup_old_format";
  private static final Duration LOCKING = Duration.ofSeconds(10);

  /** A file that its application writes to all the time is read so often. */
  private static final int ROUNDS = 20;

  private final Path sessions;
  private final Options options;
  private final Consumer<String> story;
  private final List<Failure> failures = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int migrated;
  private int skipped;

  /**
   * What is asked for.
   *
   * @param agentId whose sessions they are, where no key says it
   * @param dryRun whether nothing is to be written
   * @param backup whether the old files are copied first
   */
  public record Options(String agentId, boolean dryRun, boolean backup) {}

  /** A file that could not be brought over, and why. */
  public record Failure(String file, String error) {}

  /**
   * What came of it.
   *
   * @param status {@code success}, {@code partial} or {@code not_found}
   * @param sessionsSkipped those that were there already
   * @param backup where the old files are; null if they were not copied
   * @param notes what a person should know
   */
  public record Result(
      String status,
      int sessionsFound,
      int sessionsMigrated,
      int sessionsSkipped,
      List<Failure> errors,
      String backup,
      List<String> notes) {}

  private WorkspaceMigration(Path workspace, Options options, Consumer<String> story) {
    this.sessions = workspace.resolve(".sessions");
    this.options = options;
    this.story = story;
  }

  /**
   * Brings the sessions over.
   *
   * @param story is told what happens, line by line
   * @throws SystemFault if the store itself cannot be read, or is locked
   */
  public static Result migrate(Path workspace, Options options, Consumer<String> story)
      throws IOException, InterruptedException {
    return new WorkspaceMigration(workspace, options, story).locked(WorkspaceMigration::forth);
  }

  /**
   * Gives the sessions back to the older generation, with all that they have gained since.
   *
   * @throws SystemFault if the store cannot be read, or is locked
   */
  public static Result rollback(Path workspace, Options options, Consumer<String> story)
      throws IOException, InterruptedException {
    return new WorkspaceMigration(workspace, options, story).locked(WorkspaceMigration::back);
  }

  private interface Way {
    Result go(WorkspaceMigration migration) throws IOException, InterruptedException;
  }

  private Result locked(Way way) throws IOException, InterruptedException {
    if (!Files.isDirectory(sessions)) {
      return new Result("not_found", 0, 0, 0, List.of(), null, List.of());
    }
    if (options.dryRun) {
      return way.go(this);
    }
    try (StoreLock lock = StoreLock.take(sessions.resolve(SessionStore.FILE), LOCKING)) {
      return way.go(this);
    }
  }

  private SessionStore store() throws IOException {
    try {
      return SessionStore.read(sessions);
    } catch (MalformedRecordException e) {
      throw SystemFault.permanent(
          sessions.resolve(SessionStore.FILE) + " " + e.getMessage(),
          "mend it, or move it away; nothing was changed");
    }
  }

  private Result forth() throws IOException, InterruptedException {
    List<Path> files = sessionFiles();
    story.accept("Found " + files.size() + " session files to migrate");
    if (options.dryRun) {
      story.accept("DRY RUN MODE - no changes will be made");
    }
    SessionStore store = store();
    Map<String, List<String>> keys = keys();
    Path backup = sessions.resolve(BACKUP);
    boolean copies = options.backup && !options.dryRun && !files.isEmpty();
    if (copies) {
      // Before anything is written, and never over what an earlier run copied.
      Files.createDirectories(backup);
      for (Path file : files) {
        SafeFile.keep(file, backup);
      }
      if (Files.exists(sessions.resolve(MAP))) {
        SafeFile.keep(sessions.resolve(MAP), backup);
      }
      if (Files.exists(store.file())) {
        SafeFile.keep(store.file(), backup);
      }
      story.accept("Backed up " + files.size() + " files to " + backup);
    }
    for (Path file : files) {
      try {
        bring(file, store, keys);
      } catch (MalformedRecordException | IOException e) {
        fail(file, e);
      }
    }
    if (!options.dryRun && store.isChanged()) {
      store.save();
      story.accept("Saved centralized store to " + store.file());
    }
    return result(files.size(), copies ? backup.toString() : null);
  }

  private List<Path> sessionFiles() throws IOException {
    try (Stream<Path> all = Files.list(sessions)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().endsWith(".json"))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> !file.getFileName().toString().equals(MAP))
          .filter(file -> !file.getFileName().toString().equals(SessionStore.FILE))
          .sorted()
          .toList();
    }
  }

  /**
   * The map of the older generation, from key to session.
   *
   * @throws SystemFault if there is one that cannot be read: without it, keys would be lost
   */
  private Map<String, String> map() throws IOException, InterruptedException {
    Path map = sessions.resolve(MAP);
    if (!Files.exists(map)) {
      return new LinkedHashMap<>();
    }
    try {
      return SessionFile.patiently(
          map,
          (text, modified) -> {
            JsonText.check(text);
            Map<String, String> members = JsonText.members(text);
            if (members == null) {
              throw new MalformedRecordException("is not a JSON object");
            }
            return members;
          });
    } catch (MalformedRecordException e) {
      throw SystemFault.permanent(
          map + " " + e.getMessage() + ", and without it sessions would lose their keys",
          "mend it, or move it away if there are no keys to keep; nothing was changed");
    }
  }

  /** The keys of each session, by its id. */
  private Map<String, List<String>> keys() throws IOException, InterruptedException {
    Map<String, List<String>> keys = new HashMap<>();
    map()
        .forEach(
            (key, id) ->
                keys.computeIfAbsent(
                        String.valueOf(JsonText.unquote(id)), unused -> new ArrayList<>())
                    .add(key));
    return keys;
  }

  private void fail(Path file, Exception e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    story.accept("Failed to migrate " + file.getFileName() + ": " + reason);
    failures.add(new Failure(file.toString(), reason));
  }

  private void bring(Path file, SessionStore store, Map<String, List<String>> keys)
      throws IOException, InterruptedException {
    SessionFile session = SessionFile.read(file);
    boolean written = writeTranscript(store, session);
    for (int round = 1; session.isStale(); round++) {
      // Somebody talks to it just now.
      if (round == ROUNDS) {
        throw new MalformedRecordException(
            "is written to all the time: stop OpenClaw, then do this once more");
      }
      session = SessionFile.read(file);
      written |= writeTranscript(store, session);
    }
    List<String> names = keys(session, keys);
    boolean known = store.sessions().containsValue(session.id());
    for (String key : names) {
      boolean free = store.idOf(key).isEmpty();
      if (free) {
        store.add(key, session);
      }
    }
    if (!store.sessions().containsValue(session.id())) {
      // Its keys mean other sessions by now; it is kept under a name of its own.
      names = List.of(ownKey(session));
      store.add(names.get(0), session);
    }
    List<String> homeless = SessionStore.homeless(session);
    if (!homeless.isEmpty()) {
      notes.add(
          session.id()
              + ": the store has no place for metadata "
              + homeless
              + "; the backup has it");
    }
    if (known && !written) {
      skipped++;
      story.accept("Is there already: " + names.get(0) + " (" + session.id() + ")");
    } else {
      migrated++;
      story.accept("Migrated session: " + names.get(0) + " (" + session.id() + ")");
    }
  }

  private List<String> keys(SessionFile session, Map<String, List<String>> keys) {
    List<String> mapped = keys.getOrDefault(session.id(), List.of());
    return mapped.isEmpty()
        ? List.of(session.metadataText("session_key").orElseGet(() -> ownKey(session)))
        : mapped;
  }

  private String ownKey(SessionFile session) {
    return "agent:" + options.agentId + ":" + session.id();
  }

  /** False if it is there already, perhaps with what was said since. */
  private boolean writeTranscript(SessionStore store, SessionFile session) throws IOException {
    Path path = store.transcript(session.id());
    String transcript = session.transcript();
    if (Files.exists(path)) {
      String found = Files.readString(path);
      if (found.startsWith(transcript)) {
        return false;
      }
      if (!transcript.startsWith(found)) {
        throw new MalformedRecordException(
            "has other messages than "
                + path.getFileName()
                + ", which is there already: both are left as they are; move that one away if it is"
                + " not wanted");
      }
    }
    if (!options.dryRun) {
      SafeFile.replace(path, transcript.getBytes(UTF_8));
    }
    return true;
  }

  private Result result(int found, String backup) {
    return new Result(
        failures.isEmpty() ? "success" : "partial",
        found,
        migrated,
        skipped,
        List.copyOf(failures),
        backup,
        List.copyOf(notes));
  }

  private Result back() throws IOException, InterruptedException {
    SessionStore store = store();
    Map<String, String> all = store.sessions();
    Map<String, String> map = map();
    Path aside = sessions.resolve("backup_new_format");
    story.accept("Found " + all.size() + " keys in " + store.file());
    Map<String, Path> done = new LinkedHashMap<>();
    for (Map.Entry<String, String> one : all.entrySet()) {
      String id = one.getValue();
      map.put(one.getKey(), JsonText.quote(id));
      Path transcript = store.transcriptOf(one.getKey());
      try {
        if (!done.containsKey(id)) {
          giveBack(store, one.getKey(), id, transcript);
          done.put(id, transcript);
        }
      } catch (MalformedRecordException | IOException e) {
        fail(transcript, e);
      }
    }
    if (!options.dryRun && failures.isEmpty() && !all.isEmpty()) {
      SafeFile.replace(sessions.resolve(MAP), JsonText.object(map).getBytes(UTF_8));
      // Nothing is deleted: the newer generation's files are put aside.
      Files.createDirectories(aside);
      for (Path transcript : done.values()) {
        if (Files.exists(transcript)) {
          SafeFile.keep(transcript, aside);
        }
      }
      SafeFile.keep(store.file(), aside);
      // The store goes first: without it, nobody takes a missing transcript for an empty one.
      Files.delete(store.file());
      for (Path transcript : done.values()) {
        Files.deleteIfExists(transcript);
      }
      story.accept("Put the newer files aside in " + aside);
    }
    return result(done.size(), null);
  }

  private void giveBack(SessionStore store, String key, String id, Path transcript)
      throws IOException, InterruptedException {
    Path file = sessions.resolve(id + ".json");
    Optional<SessionFile> live =
        Files.exists(file) ? Optional.of(SessionFile.read(file)) : Optional.empty();
    List<String> messages = messages(transcript);
    boolean lived = live.filter(session -> !session.messages().isEmpty()).isPresent();
    if (!Files.exists(transcript)
        && (lived || store.members(key).containsKey("session_file"))
        && !transcript.equals(store.transcript(id))) {
      throw new MalformedRecordException("is missing, though the store names it");
    }
    if (!Files.exists(transcript) && lived) {
      throw new MalformedRecordException("is missing, though the session had messages");
    }
    List<String> old =
        live.map(session -> session.messages().stream().map(JsonText::onOneLine).toList())
            .orElse(List.of());
    boolean extended = startsWith(old, messages);
    if (!extended && !startsWith(messages, old)) {
      throw new MalformedRecordException(
          "has other messages than " + file.getFileName() + ": both are left as they are");
    }
    if (live.isPresent() && extended) {
      // The older generation has all of it, perhaps more.
      skipped++;
      return;
    }
    String document = document(store.members(key), id, live.or(() -> backup(id)), messages);
    if (!options.dryRun) {
      if (Files.exists(file)) {
        Path before = Files.createDirectories(sessions.resolve(BACKUP));
        SafeFile.keep(file, before);
      }
      SafeFile.replace(file, document.getBytes(UTF_8));
    }
    migrated++;
    story.accept("Gave back session: " + key + " (" + id + ")");
  }

  private static boolean startsWith(List<String> longer, List<String> shorter) {
    return longer.size() >= shorter.size() && longer.subList(0, shorter.size()).equals(shorter);
  }

  /** The newest copy of a session's file that can be read. */
  private Optional<SessionFile> backup(String id) {
    Path directory = sessions.resolve(BACKUP);
    Optional<SessionFile> newest = Optional.empty();
    for (int i = 0; ; i++) {
      Path copy = directory.resolve(id + ".json" + (i == 0 ? "" : "." + i));
      if (!Files.exists(copy)) {
        return newest;
      }
      try {
        newest = Optional.of(SessionFile.parse(copy, Files.readString(copy)));
      } catch (MalformedRecordException | IOException e) {
        notes.add(id + ": " + copy.getFileName() + " cannot be read and is passed over");
      }
    }
  }

  /** The session as the older generation keeps it, with what its transcript has now. */
  private static String document(
      Map<String, String> entry, String id, Optional<SessionFile> before, List<String> messages) {
    Map<String, String> document = new LinkedHashMap<>();
    document.put("session_id", JsonText.quote(id));
    document.put("messages", "[" + String.join(",", messages) + "]");
    Map<String, String> metadata =
        new LinkedHashMap<>(before.map(SessionFile::metadata).orElse(Map.of()));
    entry.forEach(
        (name, value) -> {
          boolean ours = List.of("session_id", "updated_at", "session_file").contains(name);
          if (!ours && !JsonText.isNull(value)) {
            metadata.put(name, value);
          }
        });
    document.put("metadata", JsonText.object(metadata));
    String updated = entry.getOrDefault("updated_at", "");
    Optional<String> was = before.map(session -> session.members().get("updated_at"));
    if (updated.matches("\\d{1,15}")) {
      long millis = Long.parseLong(updated);
      boolean same = OpenClawTime.millis(was.orElse(null)).filter(t -> t == millis).isPresent();
      document.put("updated_at", same ? was.orElseThrow() : OpenClawTime.json(millis));
    } else {
      was.ifPresent(time -> document.put("updated_at", time));
    }
    before
        .map(session -> session.members().get("created_at"))
        .or(() -> messages.stream().findFirst().map(m -> JsonText.members(m).get("timestamp")))
        .ifPresent(time -> document.put("created_at", time));
    return JsonText.object(document) + "\n";
  }

  private static List<String> messages(Path transcript) throws IOException {
    if (!Files.exists(transcript)) {
      return List.of();
    }
    List<String> messages = new ArrayList<>();
    int number = 0;
    for (String line : Files.readString(transcript).split("\n", -1)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        JsonText.check(line);
        if (JsonText.members(line) == null) {
          throw new MalformedRecordException("is not a JSON object");
        }
      } catch (MalformedRecordException e) {
        throw new MalformedRecordException("line " + number + " " + e.getMessage(), e);
      }
      messages.add(line);
    }
    return messages;
  }
}
