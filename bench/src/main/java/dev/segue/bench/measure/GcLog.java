package dev.segue.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What a JVM's log of its garbage collections ({@code -Xlog:gc}) says of its heap. */
final class GcLog {
  /** Before, after and size of a pause: {@code Pause Young (Allocation Failure) 60M->9M(123M)}. */
  private static final Pattern PAUSE = Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\((\\d+)M\\)");

  private GcLog() {}

  /** Megabytes in use after the collection that left the most; empty if there was none. */
  static OptionalLong mostKept(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> logs = files.toList();
      LongStream.Builder kept = LongStream.builder();
      for (Path log : logs) {
        mostKept(Files.readString(log)).ifPresent(kept::add);
      }
      return kept.build().max();
    }
  }

  static OptionalLong mostKept(String log) {
    return log.lines()
        .map(PAUSE::matcher)
        .filter(Matcher::find)
        .mapToLong(found -> Long.parseLong(found.group(2)))
        .max();
  }
}
