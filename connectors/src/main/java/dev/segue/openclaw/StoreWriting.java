package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes sessions into a store whose lock it has. */
final class StoreWriting implements DocumentWriter {
  private final Path directory;
  private final StoreLock lock;
  private final SessionStore store;

  StoreWriting(Path directory, StoreLock lock) throws IOException {
    this.directory = directory.normalize();
    this.lock = lock;
    this.store = SessionStore.read(directory);
  }

  @Override
  public void write(SessionDocument document) {
    Map<String, String> entries = entries(document);
    Path file = transcript(document.sessionId(), entries);
    try {
      byte[] bytes = TranscriptText.of(document);
      if (Files.exists(file) && !Arrays.equals(Files.readAllBytes(file), bytes)) {
        throw new MalformedRecordException(
            file + " is there already and says something else; move it away first");
      }
      SafeFile.replace(file, bytes);
      entries.forEach(store::addEntry);
    } catch (IOException e) {
      throw StoreFiles.cannot(directory, e);
    }
  }

  /** The file that an entry names, or the session's own; never one outside of the directory. */
  private Path transcript(String session, Map<String, String> entries) {
    String named =
        entries.values().stream()
            .map(JsonText::members)
            .filter(entry -> entry != null)
            .map(entry -> entry.getOrDefault("sessionFile", entry.get("session_file")))
            .filter(name -> name != null && JsonText.unquote(name) != null)
            .map(name -> Path.of(JsonText.unquote(name)).getFileName().toString())
            .findFirst()
            .orElse(session + StoreFiles.TRANSCRIPT);
    Path file = directory.resolve(named).normalize();
    if (!directory.equals(file.getParent()) || !named.endsWith(StoreFiles.TRANSCRIPT)) {
      throw new MalformedRecordException("session " + session + " cannot be the name of a file");
    }
    return file;
  }

  private static Map<String, String> entries(SessionDocument document) {
    Map<String, String> unknown = document.session().map(TranscriptText::unknown).orElse(Map.of());
    if (unknown.containsKey(StoreFiles.ENTRIES)) {
      return JsonText.members(unknown.get(StoreFiles.ENTRIES));
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

  @Override
  public void close() {
    try (lock) {
      if (store.isChanged()) {
        store.save();
      }
    } catch (IOException e) {
      throw StoreFiles.cannot(directory, e);
    }
  }
}
