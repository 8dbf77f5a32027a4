package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SessionDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The sessions that a store names, and those of transcripts that it does not name. */
final class StoreListing implements Listing {
  private final SessionStore store;
  private final Map<String, List<String>> keys;
  private final Map<String, Path> transcripts;

  private StoreListing(
      SessionStore store, Map<String, List<String>> keys, Map<String, Path> transcripts) {
    this.store = store;
    this.keys = keys;
    this.transcripts = transcripts;
  }

  static StoreListing of(Path directory, SessionStore store) throws IOException {
    Map<String, List<String>> keys = new LinkedHashMap<>();
    Map<String, Path> transcripts = new TreeMap<>();
    store
        .sessions()
        .forEach(
            (key, id) -> {
              keys.computeIfAbsent(id, unused -> new ArrayList<>()).add(key);
              transcripts.put(id, directory.resolve(name(store, key)));
            });
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file -> file.getFileName().toString().endsWith(StoreFiles.TRANSCRIPT))
          .filter(file -> !transcripts.containsValue(file))
          .forEach(file -> transcripts.putIfAbsent(nameOf(file), file));
    }
    return new StoreListing(store, keys, transcripts);
  }

  /** Only its name counts, for the directory may have been moved; and only if it is one. */
  private static String name(SessionStore store, String key) {
    try {
      String name = String.valueOf(store.transcriptOf(key).getFileName());
      return name.endsWith(StoreFiles.TRANSCRIPT) ? name : ".none" + StoreFiles.TRANSCRIPT;
    } catch (InvalidPathException e) {
      return ".none" + StoreFiles.TRANSCRIPT;
    }
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - StoreFiles.TRANSCRIPT.length());
  }

  @Override
  public Map<String, Path> files() {
    return transcripts;
  }

  @Override
  public String about(String session) {
    StringBuilder text = new StringBuilder();
    for (String key : keys.getOrDefault(session, List.of())) {
      text.append(key).append('\n').append(store.entry(key)).append('\n');
    }
    return text.toString();
  }

  @Override
  public boolean isOfLines() {
    return true;
  }

  @Override
  public Optional<SessionDocument> read(String session, byte[] bytes) {
    if (bytes == null && !keys.containsKey(session)) {
      return Optional.empty();
    }
    byte[] lines = bytes == null ? new byte[0] : bytes;
    Transcript transcript = Transcript.read(session, lines);
    List<Entity> entities = new ArrayList<>();
    entities.add(session(session, transcript, lines));
    entities.addAll(transcript.entities());
    return Optional.of(new SessionDocument(session, entities));
  }

  private Entity session(String id, Transcript transcript, byte[] bytes) {
    List<String> own = keys.getOrDefault(id, List.of());
    Map<String, String> header = transcript.header();
    Map<String, String> metadata = new LinkedHashMap<>(header);
    metadata.keySet().retainAll(List.of("cwd", "parentSession", "thinkingLevel"));
    return Entity.of(Kind.SESSION)
        .set("session_id", id)
        .set("agent_name", SessionStore.agent(own).orElse("main"))
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
}
