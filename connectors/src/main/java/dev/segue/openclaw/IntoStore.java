package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Brings session files into the store; what is there already stays. */
final class IntoStore {
  /** A file that its application writes to all the time is read so often. */
  private static final int ROUNDS = 20;

  private final Workspace workspace;
  private final WorkspaceMigration.Options options;
  private final WorkspaceReport report;

  IntoStore(Workspace workspace, WorkspaceMigration.Options options, WorkspaceReport report) {
    this.workspace = workspace;
    this.options = options;
    this.report = report;
  }

  WorkspaceMigration.Result run() throws IOException, InterruptedException {
    List<Path> files = workspace.sessionFiles();
    report.tell("Found " + files.size() + " session files to migrate");
    if (options.dryRun()) {
      report.tell("DRY RUN MODE - no changes will be made");
    }
    SessionStore store = workspace.store();
    Map<String, List<String>> keys = keys();
    Path backup = workspace.backup();
    boolean copies = options.backup() && !options.dryRun() && !files.isEmpty();
    if (copies) {
      // Before anything is written, and never over what an earlier run copied.
      Files.createDirectories(backup);
      for (Path file : files) {
        SafeFile.keep(file, backup);
      }
      if (Files.exists(workspace.mapFile())) {
        SafeFile.keep(workspace.mapFile(), backup);
      }
      if (Files.exists(store.file())) {
        SafeFile.keep(store.file(), backup);
      }
      report.tell("Backed up " + files.size() + " files to " + backup);
    }
    for (Path file : files) {
      try {
        bring(file, store, keys);
      } catch (MalformedRecordException | IOException e) {
        report.fail(file, e);
      }
    }
    if (!options.dryRun() && store.isChanged()) {
      store.save();
      report.tell("Saved centralized store to " + store.file());
    }
    return report.result(files.size(), copies ? backup.toString() : null);
  }

  /** The keys of each session, by its id. */
  private Map<String, List<String>> keys() throws IOException, InterruptedException {
    Map<String, List<String>> keys = new HashMap<>();
    workspace
        .map()
        .forEach(
            (key, id) ->
                keys.computeIfAbsent(
                        String.valueOf(JsonText.unquote(id)), unused -> new ArrayList<>())
                    .add(key));
    return keys;
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
      report.note(
          session.id()
              + ": the store has no place for metadata "
              + homeless
              + "; the backup has it");
    }
    if (known && !written) {
      report.skipped();
      report.tell("Is there already: " + names.get(0) + " (" + session.id() + ")");
    } else {
      report.migrated("Migrated session: " + names.get(0) + " (" + session.id() + ")");
    }
  }

  private List<String> keys(SessionFile session, Map<String, List<String>> keys) {
    List<String> mapped = keys.getOrDefault(session.id(), List.of());
    return mapped.isEmpty()
        ? List.of(session.metadataText("session_key").orElseGet(() -> ownKey(session)))
        : mapped;
  }

  private String ownKey(SessionFile session) {
    return "agent:" + options.agentId() + ":" + session.id();
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
    if (!options.dryRun()) {
      SafeFile.replace(path, transcript.getBytes(UTF_8));
    }
    return true;
  }
}
