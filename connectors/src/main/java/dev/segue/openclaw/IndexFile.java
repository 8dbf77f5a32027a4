package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;

/** A file that lists sessions, read again only when it was written since. */
final class IndexFile<T> {
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 100;

  private final Path file;
  private final Function<String, T> meaning;
  private FileStamp known;
  private boolean settled;
  private T value;

  /**
   * @param meaning of the file's text; that of a file that is not there is an empty object
   */
  IndexFile(Path file, Function<String, T> meaning) {
    this.file = file;
    this.meaning = meaning;
  }

  /**
   * What it means now.
   *
   * @throws SystemFault if it cannot be read: without it, sessions would lose their keys
   */
  synchronized T read() throws IOException {
    if (Files.exists(file) && SafeFile.leadsOut(file)) {
      throw SystemFault.permanent(
          file + " is a link that leads out of the directory",
          "put the file itself there: without it sessions would lose their keys");
    }
    for (int attempt = 1; ; attempt++) {
      FileStamp now = FileStamp.of(file);
      if (settled && now.equals(known)) {
        return value;
      }
      boolean still = now.isSettled();
      try {
        value = meaning.apply(now.isThere() ? Files.readString(file) : "{}");
        known = now;
        settled = still;
        return value;
      } catch (MalformedRecordException | CharacterCodingException | NoSuchFileException e) {
        // Its application may be writing it just now.
        if (attempt == ATTEMPTS) {
          throw new SystemFault(
              SystemFault.Nature.TRANSIENT,
              file
                  + " "
                  + (e instanceof MalformedRecordException ? e.getMessage() : "is not UTF-8"),
              "mend it: without it sessions would lose their keys",
              e);
        }
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("reading was interrupted", e);
    }
  }
}
