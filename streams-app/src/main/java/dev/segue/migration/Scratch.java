package dev.segue.migration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A place for the files that libraries unpack. They delete them when the process ends, which a
 * killed process does not do; so they are kept under the data directory and swept at each start.
 */
final class Scratch {
  private Scratch() {}

  static void use(Path directory) {
    try {
      Files.createDirectories(directory);
      List<Path> left;
      try (Stream<Path> files = Files.list(directory)) {
        left = files.filter(Files::isRegularFile).toList();
      }
      for (Path file : left) {
        Files.delete(file);
      }
      System.setProperty("java.io.tmpdir", directory.toAbsolutePath().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
