package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.spi.Removal;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Marks as files beside the sessions, where whoever follows them finds them. */
final class FileMarks {
  private static final String PREFIX = "mark-";

  private final Path ours;
  private final Path directory;

  FileMarks(Path root, String migration) {
    this.ours = root.resolve(".segue");
    this.directory = ours.resolve(migration);
  }

  /** A mark that waits to be seen. */
  record Mark(Path file, String nonce, long sentAt) {}

  Path directory() {
    return directory;
  }

  void make() throws IOException {
    Files.createDirectories(directory);
  }

  /** Writes a mark; it is there as a whole or not at all. */
  void write(String nonce, long sentAt) throws IOException {
    make();
    String name = PREFIX + sentAt + "-" + nonce;
    Path fresh = directory.resolve("." + name);
    Files.write(fresh, (nonce + " " + sentAt).getBytes(UTF_8));
    Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The marks that wait, in the order in which they were written. */
  List<Mark> waiting() throws IOException {
    List<Mark> marks = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith(PREFIX)).sorted().toList()) {
        String[] words = Files.readString(file).split(" ", 2);
        if (words.length == 2 && words[1].matches("\\d{1,18}")) {
          marks.add(new Mark(file, words[0], Long.parseLong(words[1])));
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return marks;
  }

  /** How to leave nothing behind; empty if there is nothing. */
  Optional<Removal> removal() {
    return Files.isDirectory(directory)
        ? Optional.of(new Removal("directory " + directory, this::remove))
        : Optional.empty();
  }

  private void remove() {
    try {
      if (Files.isDirectory(directory)) {
        try (Stream<Path> files = Files.list(directory)) {
          for (Path file : files.toList()) {
            Files.deleteIfExists(file);
          }
        }
      }
      Files.deleteIfExists(directory);
      Files.deleteIfExists(ours);
    } catch (DirectoryNotEmptyException e) {
      // Another migration has its own beside it.
    } catch (IOException e) {
      throw StoreFiles.cannot(directory, e);
    }
  }
}
