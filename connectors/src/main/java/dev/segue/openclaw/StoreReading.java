package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentReader;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/** Reads the sessions of a store, one after the other. */
final class StoreReading implements DocumentReader {
  private static final String LEADS_OUT = " is a link that leads out of the directory";

  private final Path directory;
  private final FileListing listing;
  private final Iterator<Map.Entry<String, Path>> transcripts;

  private StoreReading(Path directory, FileListing listing) {
    this.directory = directory;
    this.listing = listing;
    this.transcripts = listing.files().entrySet().iterator();
  }

  static StoreReading open(Path directory) throws IOException {
    Path store = directory.resolve(SessionStore.FILE);
    if (Files.exists(store) && SafeFile.leadsOut(store)) {
      throw SystemFault.permanent(store + LEADS_OUT, "put the file itself there");
    }
    return new StoreReading(
        directory, StoreListing.of(directory, new StoreIndex(store(directory))));
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

  @Override
  public Optional<SessionDocument> next() {
    while (transcripts.hasNext()) {
      Map.Entry<String, Path> next = transcripts.next();
      Path file = next.getValue();
      Optional<String> wrong = listing.wrong(next.getKey());
      if (wrong.isPresent()) {
        throw new MalformedRecordException("session " + next.getKey() + ": " + wrong.get());
      }
      try {
        Optional<SessionDocument> session = listing.read(next.getKey(), bytes(file));
        if (session.isPresent()) {
          return session;
        }
      } catch (IOException e) {
        throw StoreFiles.cannot(directory, e);
      }
    }
    return Optional.empty();
  }

  private static byte[] bytes(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    if (SafeFile.leadsOut(file)) {
      throw new MalformedRecordException(file.getFileName() + LEADS_OUT + "; put the file there");
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void close() {
    // Each file is read as a whole.
  }
}
