package dev.segue.migration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A place for the files that libraries unpack, for as long as a migration runs in this process.
 * They delete them when the process ends, which a killed process does not do; so they are kept
 * under the data directory and swept at each start. Nothing is unpacked there once it is closed:
 * whoever ran the migration may delete the data directory.
 */
final class Scratch implements AutoCloseable {
  private static final String PROPERTY = "java.io.tmpdir";

  private final String before = System.getProperty(PROPERTY);

  private Scratch(Path directory) {
    System.setProperty(PROPERTY, directory.toAbsolutePath().toString());
  }

  static Scratch under(Path directory) {
    try {
      Files.createDirectories(directory);
      List<Path> left;
      try (Stream<Path> files = Files.list(directory)) {
        left = files.filter(Files::isRegularFile).toList();
      }
      for (Path file : left) {
        Files.delete(file);
      }
      return new Scratch(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    System.setProperty(PROPERTY, before);
  }
}
