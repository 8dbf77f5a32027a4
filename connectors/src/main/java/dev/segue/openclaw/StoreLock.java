package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lock of a store: a file beside it that only one process can make. One that a dead process
 * left behind is taken over.
 */
final class StoreLock implements AutoCloseable {
  private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");

  private final Path file;

  private StoreLock(Path file) {
    this.file = file;
  }

  /**
   * Takes the lock.
   *
   * @throws SystemFault naming who has it, if it was not let go in time
   */
  static StoreLock take(Path store, Duration patience) throws IOException, InterruptedException {
    Path file = store.resolveSibling(store.getFileName() + ".lock");
    String ours =
        "{\"pid\":"
            + ProcessHandle.current().pid()
            + ",\"createdAt\":"
            + JsonText.quote(Instant.now().toString())
            + "}";
    long until = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        Files.writeString(file, ours, StandardOpenOption.CREATE_NEW);
        return new StoreLock(file);
      } catch (FileAlreadyExistsException e) {
        String theirs = Files.exists(file) ? Files.readString(file) : "";
        if (isDead(theirs)) {
          Files.deleteIfExists(file);
        } else if (System.nanoTime() > until) {
          throw SystemFault.permanent(
              "Failed to acquire lock: " + file + " is held by another process: " + theirs.strip(),
              "wait until it ends; or delete that file if no such process lives");
        } else {
          Thread.sleep(50);
        }
      }
    }
  }

  private static boolean isDead(String lock) {
    Matcher pid = PID.matcher(lock);
    return pid.find() && ProcessHandle.of(Long.parseLong(pid.group(1))).isEmpty();
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
