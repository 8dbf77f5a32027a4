package dev.segue.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.config.MigrationConfig;
import dev.segue.migration.OfflineStatus;
import dev.segue.status.Status;
import dev.segue.status.StatusJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a migration is doing. */
@Command(
    name = "status",
    description = "Shows how a migration is doing, whether it runs or not.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--watch", description = "Go on showing it, twice a second.")
  private boolean watch;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private final ObjectMapper mapper = StatusJson.mapper();

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationConfig migration = config.read();
    PrintWriter out = spec.commandLine().getOut();
    do {
      Optional<Status> status = running(migration).or(() -> standing(migration));
      if (status.isEmpty()) {
        throw new JobFailedException(
            "migration '" + migration.name() + "' has never run; start it with: segue run");
      }
      if (json) {
        out.println(mapper.writeValueAsString(status.get()));
      } else {
        if (watch && Terminals.isTerminal()) {
          out.print("\033[H\033[2J");
        }
        StatusText.screen(status.get()).forEach(out::println);
      }
      out.flush();
      if (watch) {
        Thread.sleep(500);
      }
    } while (watch);
    return 0;
  }

  private static Optional<Status> standing(MigrationConfig migration) {
    // Only here, for to set up logging takes longer than to ask a process that runs.
    Logging.quiet();
    return OfflineStatus.read(migration);
  }

  private Optional<Status> running(MigrationConfig migration)
      throws IOException, InterruptedException {
    Optional<RunningProcess> process = RunningProcess.find(migration);
    // If it ended just now, the ledger tells the rest.
    Optional<String> answer =
        process.isEmpty() ? Optional.empty() : process.get().get("/v1/status");
    return answer.isEmpty()
        ? Optional.empty()
        : Optional.of(mapper.readValue(answer.get(), Status.class));
  }
}
