package dev.segue.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.cutover.MendOrder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings again what was brought before. */
@Command(
    name = "replay",
    description =
        "Brings sessions to the target again: those that changed since a moment, or some by name."
            + " Each is written as a whole, as the source has it now, so no reader sees an older"
            + " state; sessions of the target are not touched. Needs segue run.",
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @CommandLine.ArgGroup(multiplicity = "1")
  private Which which;

  /** Exactly one of them. */
  static final class Which {
    @Option(
        names = "--from",
        paramLabel = "TIME|LSN",
        description =
            "Since a time such as 2026-11-21T10:00:00Z, or a log position such as 0/16B3748.")
    private String from;

    @Option(names = "--session", paramLabel = "ID", description = "A session; may be repeated.")
    private List<String> sessions;
  }

  @Option(names = "--json", description = "Print the report as one JSON document.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.quiet();
    PrintWriter err = spec.commandLine().getErr();
    JsonNode report =
        RunningProcess.require(config.read())
            .perform(
                "/v1/replays",
                new MendOrder(which.sessions, null, which.from, System.getProperty("user.name")),
                line -> {
                  err.println(line);
                  err.flush();
                });
    return MendText.print(report, json, spec.commandLine().getOut());
  }
}
