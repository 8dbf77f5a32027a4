package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives sessions back to the older generation, with all that they have gained since. */
final class OutOfStore {
  private final Workspace workspace;
  private final WorkspaceMigration.Options options;
  private final WorkspaceReport report;

  OutOfStore(Workspace workspace, WorkspaceMigration.Options options, WorkspaceReport report) {
    this.workspace = workspace;
    this.options = options;
    this.report = report;
  }

  WorkspaceMigration.Result run() throws IOException, InterruptedException {
    SessionStore store = workspace.store();
    Map<String, String> all = store.sessions();
    Map<String, String> map = workspace.map();
    Path aside = workspace.aside();
    report.tell("Found " + all.size() + " keys in " + store.file());
    Map<String, Path> done = new LinkedHashMap<>();
    for (Map.Entry<String, String> one : all.entrySet()) {
      String id = one.getValue();
      map.put(one.getKey(), JsonText.quote(id));
      Path transcript = store.transcriptOf(one.getKey());
      try {
        checkInside(id, transcript);
        if (!done.containsKey(id)) {
          giveBack(store, one.getKey(), id, transcript);
          done.put(id, transcript);
        }
      } catch (MalformedRecordException | IOException e) {
        report.fail(transcript, e);
      }
    }
    if (!options.dryRun() && report.isClean() && !all.isEmpty()) {
      SafeFile.replace(workspace.mapFile(), JsonText.object(map).getBytes(UTF_8));
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
      report.tell("Put the newer files aside in " + aside);
    }
    return report.result(done.size(), null);
  }

  private void giveBack(SessionStore store, String key, String id, Path transcript)
      throws IOException, InterruptedException {
    Path file = workspace.sessions().resolve(id + ".json");
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
      report.skipped();
      return;
    }
    String document = document(store.members(key), id, live.or(() -> backup(id)), messages);
    if (!options.dryRun()) {
      if (Files.exists(file)) {
        Path before = Files.createDirectories(workspace.backup());
        SafeFile.keep(file, before);
      }
      SafeFile.replace(file, document.getBytes(UTF_8));
    }
    report.migrated("Gave back session: " + key + " (" + id + ")");
  }

  /** What a store names is put aside and deleted, so it has to be a file of the workspace. */
  private void checkInside(String id, Path transcript) {
    Path here = workspace.sessions().normalize();
    boolean inside =
        here.equals(transcript.normalize().getParent())
            && here.equals(here.resolve(id + ".json").normalize().getParent());
    if (!inside) {
      throw new MalformedRecordException("is named by the store, but lies outside the workspace");
    }
  }

  private static boolean startsWith(List<String> longer, List<String> shorter) {
    return longer.size() >= shorter.size() && longer.subList(0, shorter.size()).equals(shorter);
  }

  /** The newest copy of a session's file that can be read. */
  private Optional<SessionFile> backup(String id) {
    Path directory = workspace.backup();
    Optional<SessionFile> newest = Optional.empty();
    for (int i = 0; ; i++) {
      Path copy = directory.resolve(id + ".json" + (i == 0 ? "" : "." + i));
      if (!Files.exists(copy)) {
        return newest;
      }
      try {
        newest = Optional.of(SessionFile.parse(copy, Files.readString(copy)));
      } catch (MalformedRecordException | IOException e) {
        report.note(id + ": " + copy.getFileName() + " cannot be read and is passed over");
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
        JsonText.membersOf(line);
      } catch (MalformedRecordException e) {
        throw new MalformedRecordException("line " + number + " " + e.getMessage(), e);
      }
      messages.add(line);
    }
    return messages;
  }
}
