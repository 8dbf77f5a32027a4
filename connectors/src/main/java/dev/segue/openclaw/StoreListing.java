package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.SessionDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The sessions that a store names, and those of transcripts that it does not name. */
final class StoreListing implements FileListing {
  private final StoreIndex index;
  private final Map<String, Path> transcripts;

  private StoreListing(StoreIndex index, Map<String, Path> transcripts) {
    this.index = index;
    this.transcripts = transcripts;
  }

  static StoreListing of(Path directory, StoreIndex index) throws IOException {
    Map<String, Path> transcripts = new TreeMap<>();
    index.transcripts().forEach((id, name) -> transcripts.put(id, directory.resolve(name)));
    Set<Path> named = new HashSet<>(transcripts.values());
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file -> file.getFileName().toString().endsWith(StoreFiles.TRANSCRIPT))
          .filter(file -> !named.contains(file))
          .forEach(file -> transcripts.putIfAbsent(nameOf(file), file));
    }
    return new StoreListing(index, transcripts);
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
    return index.about(session);
  }

  @Override
  public Optional<String> wrong(String session) {
    return index.wrong(session);
  }

  @Override
  public boolean isOfLines() {
    return true;
  }

  @Override
  public Optional<SessionDocument> read(String session, byte[] bytes) {
    if (bytes == null && index.keys(session).isEmpty()) {
      return Optional.empty();
    }
    byte[] lines = bytes == null ? new byte[0] : bytes;
    Transcript transcript = Transcript.read(session, lines);
    List<Entity> entities = new ArrayList<>();
    boolean torn = lines.length > 0 && lines[lines.length - 1] != '\n';
    if (!transcript.ofSession().none()) {
      entities.add(SessionEntity.of(session, index.entries(session), transcript, torn));
    }
    entities.addAll(transcript.entities());
    return Optional.of(new SessionDocument(session, entities));
  }
}
