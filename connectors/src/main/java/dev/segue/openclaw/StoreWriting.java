package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

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
    Map<String, String> entries = StoreEntry.of(document);
    Path file = StoreEntry.transcript(directory, document.sessionId(), entries);
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
