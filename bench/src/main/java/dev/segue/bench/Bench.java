package dev.segue.bench;

import dev.segue.bench.report.Markdown;
import dev.segue.bench.report.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures, and tells what came of it. */
@Command(
    name = "bench/run",
    description =
        "Measures Segue and its alternatives in turn, on servers of its own and on the same data,"
            + " and prints the ratios. Leaves nothing behind.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    footer = {
      "",
      "bench/run hotpath [JMH options] runs the microbenchmarks.",
      "Exit codes: 0 done, 1 a contender did not deliver, or with --check a \"must\" was missed,",
      "2 wrong usage.",
    })
public final class Bench implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "MEASUREMENT",
      description = "Of ${COMPLETION-CANDIDATES}; all if none is given. redis is not part of all.")
  private List<Choice> choices = new ArrayList<>();

  @Option(
      names = "--scale",
      defaultValue = "1",
      description =
          "How much data: 1 is 50,000 sessions, 1,500,000 messages and a backlog of 300,000"
              + " transactions (default: ${DEFAULT-VALUE}).")
  private double scale;

  @Option(
      names = "--rounds",
      defaultValue = "2",
      description = "How often everything is measured (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure there.")
  private Path json;

  @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables there too.")
  private Path markdown;

  @Option(names = "--check", description = "Exit with 1 if a \"must\" does not hold.")
  private boolean check;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "CONTENDER",
      description = "Measure these contenders and no other, such as segue,native.")
  private List<String> only = List.of();

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line of a whole process. */
  public static CommandLine commandLine() {
    return new CommandLine(new Bench())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Bench::explain)
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
  }

  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult result) {
    line.getErr().println("bench: " + e);
    return 1;
  }

  @Override
  public Integer call() throws Exception {
    if (!(scale > 0 && scale <= 100) || rounds < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--scale must be above 0 and at most 100, --rounds at least 1");
    }
    PrintWriter err = spec.commandLine().getErr();
    long began = System.nanoTime();
    BenchRun run =
        new BenchRun(
            home(),
            new BenchRun.Wish(Choice.expand(choices), scale, rounds, only),
            line ->
                err.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - began) / 1e9, line));
    Report report = run.measure();
    tell(report);
    return report.isSound() && (!check || report.isHeld()) ? 0 : 1;
  }

  private void tell(Report report) throws IOException {
    String text = Markdown.of(report);
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
    if (json != null) {
      report.writeJson(json);
    }
    if (markdown != null) {
      Files.writeString(markdown, text);
    }
  }

  /** The checkout that the launcher is in. */
  private static Path home() {
    return Path.of(System.getProperty("segue.home", "")).toAbsolutePath();
  }
}
