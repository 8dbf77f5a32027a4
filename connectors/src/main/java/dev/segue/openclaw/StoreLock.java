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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lock of a store: a file beside it that only one process can make. One that a dead process
 * left behind is taken over.
 */
final class StoreLock implements AutoCloseable {
  private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");

  /** Those that this process has, or tries to take just now. */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

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
      if (OURS.add(file)) {
        boolean taken = false;
        try {
          Files.writeString(file, ours, StandardOpenOption.CREATE_NEW);
          taken = true;
          return new StoreLock(file);
        } catch (FileAlreadyExistsException e) {
          if (isDead(holder(file))) {
            Files.deleteIfExists(file);
            continue;
          }
        } finally {
          if (!taken) {
            OURS.remove(file);
          }
        }
      }
      if (System.nanoTime() > until) {
        throw SystemFault.permanent(
            "Failed to acquire lock: " + file + " is held by another process: " + holder(file),
            "wait until it ends; or delete that file if no such process lives");
      }
      Thread.sleep(50);
    }
  }

  private static String holder(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file).strip() : "";
  }

  /**
   * Whether it was left behind. A process in a container often has the number of the one before it:
   * what is ours and not of this life is of another one.
   */
  private static boolean isDead(String lock) {
    Matcher found = PID.matcher(lock);
    if (!found.find()) {
      return false;
    }
    long pid = Long.parseLong(found.group(1));
    return pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty();
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    OURS.remove(file);
  }
}
