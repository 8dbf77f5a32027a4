package dev.segue.openclaw;

import dev.segue.spi.DocumentReader;
import dev.segue.spi.DocumentWriter;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * OpenClaw's directory of sessions: {@code sessions.json}, from keys to entries, and a transcript
 * for each session.
 */
public final class StoreFiles {
  static final String TRANSCRIPT = ".jsonl";

  /** Members of {@code unknown} of a session: its entries by their keys. */
  static final String ENTRIES = "entries";

  static final String TORN = "no_newline_at_end";
  static final String HEADLESS = "no_header";

  static final Duration PATIENCE = Duration.ofSeconds(10);

  private StoreFiles() {}

  /** Whether a directory is one. */
  public static boolean isMeant(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.equals(SessionStore.FILE) || name.endsWith(TRANSCRIPT));
    } catch (IOException e) {
      return false;
    }
  }

  /** Reads the sessions that the store or a transcript names; nothing is written. */
  public static DocumentReader read(Path directory) {
    try {
      return StoreReading.open(directory);
    } catch (IOException e) {
      throw cannot(directory, e);
    }
  }

  /**
   * Writes sessions, under the store's lock. A transcript that is there already and says something
   * else is left alone, and so is an entry.
   */
  public static DocumentWriter write(Path directory) throws InterruptedException {
    try {
      Files.createDirectories(directory);
      return new StoreWriting(
          directory, StoreLock.take(directory.resolve(SessionStore.FILE), PATIENCE));
    } catch (IOException e) {
      throw cannot(directory, e);
    }
  }

  /** What keeps us from writing a file; it is tried again until it can be done. */
  static SystemFault waiting(Path file, IOException e) {
    return new SystemFault(
        SystemFault.Nature.TRANSIENT,
        file + " cannot be written: " + e,
        "see that its disk has room and that the user of segue may write there; it goes on by"
            + " itself",
        e);
  }

  static SystemFault cannot(Path directory, IOException e) {
    return new SystemFault(
        SystemFault.Nature.PERMANENT,
        directory + ": " + e.getMessage(),
        "see that the directory is there and may be touched",
        e);
  }
}
