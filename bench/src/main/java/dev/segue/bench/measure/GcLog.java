package dev.segue.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What logs of JVMs' garbage collections ({@code -Xlog:gc}) say of what a heap has to hold. Only
 * full collections tell: behind a young one the garbage of the old generation is still there.
 */
final class GcLog {
  /** Before, after and size: {@code Pause Full (Ergonomics) 160M->93M(470M)}. */
  private static final Pattern FULL =
      Pattern.compile("Pause Full \\((.*)\\) (\\d+)M->(\\d+)M\\((\\d+)M\\)");

  /** The cause of those that were asked for, by {@code jcmd GC.run}. */
  private static final String ASKED = "Diagnostic Command";

  private final List<String> lines;

  private GcLog(List<String> lines) {
    this.lines = lines;
  }

  /** All logs of a directory. */
  static GcLog in(Path directory) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> logs = Files.list(directory)) {
      for (Path log : logs.toList()) {
        lines.addAll(Files.readAllLines(log));
      }
    }
    return new GcLog(lines);
  }

  static GcLog of(String log) {
    return new GcLog(log.lines().toList());
  }

  /** Megabytes in use after the collection that left the most. */
  long most() {
    return mostAfter("");
  }

  /** Megabytes in use after a collection that was asked for. */
  long asked() {
    return mostAfter(ASKED);
  }

  private long mostAfter(String cause) {
    return lines.stream()
        .map(FULL::matcher)
        .filter(found -> found.find() && found.group(1).contains(cause))
        .mapToLong(found -> Long.parseLong(found.group(3)))
        .max()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the JVM's log tells of no \"Pause Full\"; SEGUE_OPTS must leave it a collector"
                        + " that has one, such as the parallel"));
  }
}
