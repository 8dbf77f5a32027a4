package dev.segue.bench.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where a figure was measured. Figures of two machines are not to be compared; ratios are.
 *
 * @param memoryGb of the whole machine
 * @param loadAverage over the last minute, before anything was started
 */
public record Machine(
    String processor, int cores, long memoryGb, String java, String postgres, double loadAverage) {

  /** This machine, now; of the servers nothing is known yet. */
  public static Machine look() {
    return new Machine(
        after("/proc/cpuinfo", "model name", ":"),
        Runtime.getRuntime().availableProcessors(),
        Math.round(kilobytes(after("/proc/meminfo", "MemTotal", ":")) / 1024.0 / 1024.0),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        "",
        Double.parseDouble(read("/proc/loadavg").split(" ", 2)[0]));
  }

  /** The same machine with the servers' version, which is known later. */
  public Machine with(String version) {
    return new Machine(processor, cores, memoryGb, java, version, loadAverage);
  }

  static long kilobytes(String text) {
    return Long.parseLong(text.toLowerCase(Locale.ROOT).replace("kb", "").strip());
  }

  private static String after(String file, String name, String separator) {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(separator) + 1).strip())
        .findFirst()
        .orElse("0");
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
