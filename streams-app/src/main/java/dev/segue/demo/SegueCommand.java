package dev.segue.demo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command of Segue's in a process of its own, as an operator would give it. */
public final class SegueCommand {
  private SegueCommand() {}

  /**
   * How a command ended.
   *
   * @param out what it printed on stdout
   */
  record Ended(int exit, String out) {}

  /**
   * The process of a command, not started yet, with the flags that the launcher gives {@code run}.
   */
  public static ProcessBuilder process(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseParallelGC",
                "-XX:Tier4InvocationThreshold=50000",
                "-XX:Tier4MinInvocationThreshold=6000",
                "-XX:Tier4CompileThreshold=150000",
                "-XX:Tier4BackEdgeThreshold=400000",
                "-XX:FreqInlineSize=150",
                "-XX:InlineSmallCode=1000",
                "-XX:MaxNewSize=256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.segue.cli.Segue"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /**
   * Runs a command to its end.
   *
   * @param log takes what it says on stderr
   */
  static Ended run(File log, String... arguments) throws IOException, InterruptedException {
    Process process =
        process(arguments).redirectError(ProcessBuilder.Redirect.appendTo(log)).start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), out);
    } finally {
      process.destroyForcibly();
    }
  }
}
