package dev.segue.cli;

import dev.segue.config.MigrationConfig;
import dev.segue.migration.Completion;
import dev.segue.status.StatusJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Ends a migration for good. */
@Command(
    name = "complete",
    description =
        "Ends a migration: compares both sides once more, writes the final report, then removes"
            + " slot, publication, topics and bookkeeping. Refuses while anything is open.",
    mixinStandardHelpOptions = true)
final class CompleteCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(
      names = "--abandon",
      description = "Give the migration up: remove everything of ours, whatever is missing.")
  private boolean abandon;

  @Option(names = "--dry-run", description = "Only say what would be removed.")
  private boolean dryRun;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where the final report goes (default: segue-NAME-report.json).")
  private Path report;

  @Option(names = "--json", description = "Print the report, or what would be removed, as JSON.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.quiet();
    MigrationConfig migration = config.read();
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun) {
      var removed = Completion.preview(migration);
      if (json) {
        out.println(StatusJson.mapper().writeValueAsString(Map.of("would_remove", removed)));
      } else {
        out.println("Would be removed:");
        removed.forEach(what -> out.println("  " + what));
      }
      out.flush();
      return 0;
    }
    Path file = report == null ? Path.of("segue-" + migration.name() + "-report.json") : report;
    PrintWriter err = spec.commandLine().getErr();
    Completion.Report ended =
        Completion.run(
            migration,
            abandon,
            found -> save(file, found),
            line -> {
              err.println(line);
              err.flush();
            });
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(ended));
    } else {
      out.println(
          "Migration " + ended.migration() + " is " + ended.outcome() + ". Report: " + file);
    }
    out.flush();
    return 0;
  }

  private static void save(Path file, Completion.Report report) {
    try {
      Files.writeString(file, StatusJson.mapper().writeValueAsString(report));
    } catch (IOException e) {
      throw new UncheckedIOException("the report cannot be written to " + file, e);
    }
  }
}
