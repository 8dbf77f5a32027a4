package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A lock that the system frees with its process. Nobody can take it from a process that lives, nor
 * does anybody have to take it from one that does not.
 */
final class StoreLease implements Target.Lease {
  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private StoreLease(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  static StoreLease take(BesidePlace place, boolean takeOver) {
    Path file = place.lease();
    try {
      place.make();
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      if (lock == null) {
        channel.close();
        throw SystemFault.permanent(
            "migration '" + place.migration() + "' is already running: " + Files.readString(file),
            takeOver
                ? "end that process: files cannot be taken from one that may write them at any time"
                : "stop that process first");
      }
      String since = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
      String holder = "process " + ProcessHandle.current().pid() + ", since " + since;
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder.getBytes(UTF_8)));
      return new StoreLease(file, channel, lock);
    } catch (IOException e) {
      throw StoreFiles.cannot(file, e);
    }
  }

  /** Null if somebody else has it, in this process or in another one. */
  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void check() {
    if (!lock.isValid()) {
      throw SystemFault.fenced("the lock of " + file + " was given back");
    }
  }

  @Override
  public void close() {
    try (channel) {
      if (lock.isValid()) {
        lock.release();
      }
    } catch (IOException e) {
      throw StoreFiles.cannot(file, e);
    }
  }
}
