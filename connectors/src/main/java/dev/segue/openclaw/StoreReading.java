package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentReader;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads the sessions of a store, one after the other. */
final class StoreReading implements DocumentReader {
  private final Path directory;
  private final SessionStore store;
  private final Map<String, List<String>> keys;
  private final Iterator<Map.Entry<String, Path>> transcripts;

  private StoreReading(
      Path directory,
      SessionStore store,
      Map<String, List<String>> keys,
      Map<String, Path> transcripts) {
    this.directory = directory;
    this.store = store;
    this.keys = keys;
    this.transcripts = transcripts.entrySet().iterator();
  }

  static StoreReading open(Path directory) throws IOException {
    SessionStore store = store(directory);
    Map<String, List<String>> keys = new LinkedHashMap<>();
    Map<String, Path> transcripts = new TreeMap<>();
    store
        .sessions()
        .forEach(
            (key, id) -> {
              keys.computeIfAbsent(id, unused -> new ArrayList<>()).add(key);
              // Only its name counts: the directory may have been moved.
              transcripts.put(id, directory.resolve(store.transcriptOf(key).getFileName()));
            });
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file -> file.getFileName().toString().endsWith(StoreFiles.TRANSCRIPT))
          .filter(file -> !transcripts.containsValue(file))
          .forEach(file -> transcripts.putIfAbsent(nameOf(file), file));
    }
    return new StoreReading(directory, store, keys, transcripts);
  }

  private static SessionStore store(Path directory) throws IOException {
    try {
      return SessionStore.read(directory);
    } catch (MalformedRecordException e) {
      throw SystemFault.permanent(
          directory.resolve(SessionStore.FILE) + " " + e.getMessage(),
          "mend it: without it sessions would lose their keys");
    }
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - StoreFiles.TRANSCRIPT.length());
  }

  @Override
  public Optional<SessionDocument> next() {
    if (!transcripts.hasNext()) {
      return Optional.empty();
    }
    Map.Entry<String, Path> next = transcripts.next();
    String id = next.getKey();
    try {
      Path file = next.getValue();
      byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
      Transcript transcript = Transcript.read(id, bytes);
      List<Entity> entities = new ArrayList<>();
      entities.add(session(id, transcript, bytes));
      entities.addAll(transcript.entities());
      return Optional.of(new SessionDocument(id, entities));
    } catch (IOException e) {
      throw StoreFiles.cannot(directory, e);
    }
  }

  private Entity session(String id, Transcript transcript, byte[] bytes) {
    List<String> own = keys.getOrDefault(id, List.of());
    Map<String, String> header = transcript.header();
    Map<String, String> metadata = new LinkedHashMap<>(header);
    metadata.keySet().retainAll(List.of("cwd", "parentSession", "thinkingLevel"));
    return Entity.of(Kind.SESSION)
        .set("session_id", id)
        .set("agent_name", agent(own))
        .set("created_at", OpenClawTime.canonical(header.get("timestamp")))
        .set("updated_at", OpenClawTime.canonical(updated(own)))
        .set("session_key", own.isEmpty() ? null : own.get(0))
        .set("model", Transcript.text(header, "modelId"))
        .set("metadata", JsonText.object(metadata))
        .set("unknown", unknown(own, transcript, bytes))
        .build();
  }

  /** What it takes to write the same files again. */
  private String unknown(List<String> own, Transcript transcript, byte[] bytes) {
    Map<String, String> unknown = new LinkedHashMap<>();
    if (transcript.headerLine() != null) {
      unknown.put(Transcript.RAW, JsonText.quote(transcript.headerLine()));
    } else {
      unknown.put(StoreFiles.HEADLESS, "true");
    }
    if (bytes.length > 0 && bytes[bytes.length - 1] != '\n') {
      unknown.put(StoreFiles.TORN, "true");
    }
    if (!own.isEmpty()) {
      Map<String, String> entries = new LinkedHashMap<>();
      own.forEach(key -> entries.put(key, store.entry(key)));
      unknown.put(StoreFiles.ENTRIES, JsonText.object(entries));
    }
    return JsonText.object(unknown);
  }

  private String updated(List<String> own) {
    return own.stream()
        .map(store::members)
        .map(entry -> entry.getOrDefault("updatedAt", entry.get("updated_at")))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Keys begin with {@code agent:} and its id. */
  private static String agent(List<String> own) {
    return own.stream()
        .map(key -> key.split(":", 3))
        .filter(words -> words.length == 3 && words[0].equals("agent"))
        .map(words -> words[1])
        .findFirst()
        .orElse("main");
  }

  @Override
  public void close() {
    // Each file is read as a whole.
  }
}
