package dev.segue.bench.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that was started for the run, with what it printed in a file. */
public final class Child implements AutoCloseable {
  private static final int TOLD_LINES = 15;
  private static final long PATIENCE_SECONDS = 60;

  private final String name;
  private final Process process;
  private final Path log;

  Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it printed so far, on stdout and stderr. */
  public String printed() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last lines that it printed, without the frames of stacks. */
  public String lastWords() {
    List<String> lines = printed().lines().filter(line -> !line.startsWith("\t")).toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
  }

  /**
   * The largest resident set that it ever had, in bytes; 0 where the system does not tell, or no
   * longer does.
   */
  public long peakResidentBytes() {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/status"))
          .lines()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Machine.kilobytes(line.substring(6)) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Waits for its end.
   *
   * @return its exit code
   * @throws IllegalStateException if it did not end
   */
  public int await(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      close();
      throw new IllegalStateException(name + " did not end within " + seconds + " s");
    }
    return process.exitValue();
  }

  /**
   * Waits for its end.
   *
   * @throws IllegalStateException if it ended with another exit code than 0, or did not end
   */
  public void awaitSuccess(long seconds) throws InterruptedException {
    int exit = await(seconds);
    if (exit != 0) {
      throw new IllegalStateException(name + " ended with exit code " + exit + ":\n" + lastWords());
    }
  }

  /** Asks it to end, as an operator would, and ends it if it does not within a minute. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
