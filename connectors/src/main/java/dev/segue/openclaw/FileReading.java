package dev.segue.openclaw;

import dev.segue.canonical.Entity;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads a session from its file, more than once where its application is just writing it. */
final class FileReading {
  private static final Duration WRITING = Duration.ofSeconds(2);
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 100;

  private FileReading() {}

  /**
   * All that a session is made of.
   *
   * @param file its own file
   * @param about what else tells of it
   */
  record Stamp(FileStamp file, String about) implements SessionStamp {
    /** What it is now; the file is not read. */
    static Stamp of(FileListing listing, String session) throws IOException {
      return new Stamp(FileStamp.of(listing.files().get(session)), listing.about(session));
    }
  }

  /** A session as its file is now. */
  static SessionReading of(FileTables tables, FileListing listing, String session)
      throws IOException {
    Path file = listing.files().get(session);
    Optional<String> refused = listing.wrong(session);
    if (refused.isPresent()) {
      return new SessionReading(session, Stamp.of(listing, session), true, List.of(), refused);
    }
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt == ATTEMPTS;
      FileStamp before = FileStamp.of(file);
      boolean settled = before.isSettled();
      Stamp stamp = new Stamp(before, listing.about(session));
      try {
        byte[] bytes = before.isThere() ? Files.readAllBytes(file) : null;
        boolean stood = before.equals(FileStamp.of(file));
        if (stood || last) {
          byte[] whole = listing.isOfLines() ? wholeLines(bytes, before) : bytes;
          List<Entity> entities =
              listing.read(session, whole).map(tables::entities).orElse(List.of());
          boolean all = bytes == null || whole.length == bytes.length;
          return new SessionReading(
              session, stamp, settled && stood && all, entities, Optional.empty());
        }
      } catch (NoSuchFileException e) {
        // It is gone, or just being replaced.
        if (last) {
          return new SessionReading(session, stamp, false, List.of(), Optional.empty());
        }
      } catch (MalformedRecordException | IOException e) {
        if (last || !FileStamp.of(file).isYoungerThan(WRITING)) {
          String wrong = e instanceof IOException ? "cannot be read: " + e : e.getMessage();
          return new SessionReading(
              session, stamp, settled, List.of(), Optional.of(file.getFileName() + " " + wrong));
        }
        pause();
      }
    }
  }

  /** The bytes without a line that is just being written. */
  private static byte[] wholeLines(byte[] bytes, FileStamp stamp) {
    if (bytes == null
        || bytes.length == 0
        || bytes[bytes.length - 1] == '\n'
        || !stamp.isYoungerThan(WRITING)) {
      return bytes;
    }
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return Arrays.copyOf(bytes, end);
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
