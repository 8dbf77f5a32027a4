package dev.segue.openclaw;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Files that are there as a whole or not at all, whenever the power goes. */
final class SafeFile {
  private SafeFile() {}

  /** Whether a file that is there is a link to one outside of its directory. */
  static boolean leadsOut(Path file) throws IOException {
    return Files.isSymbolicLink(file)
        && !file.toRealPath().startsWith(file.toAbsolutePath().getParent().toRealPath());
  }

  /** Puts a file in the place of the one that is there. */
  static void replace(Path file, byte[] content) throws IOException {
    put(file, content);
    sync(file.getParent());
  }

  /** Likewise; that it is there is certain once its directory is synchronised too. */
  static void put(Path file, byte[] content) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".segue");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Copies a file beside others of the same name, none of which is ever overwritten.
   *
   * @return where it is
   */
  static Path keep(Path file, Path directory) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; ; i++) {
      Path copy = directory.resolve(file.getFileName() + (i == 0 ? "" : "." + i));
      if (!Files.exists(copy)) {
        replace(copy, bytes);
        Files.setLastModifiedTime(copy, Files.getLastModifiedTime(file));
        return copy;
      }
      if (Arrays.equals(Files.readAllBytes(copy), bytes)) {
        return copy;
      }
    }
  }

  /** Makes certain which files a directory has. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
