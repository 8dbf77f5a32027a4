package dev.segue.cli;

import dev.segue.demo.Demo;
import dev.segue.demo.DemoOptions;
import dev.segue.demo.DemoResult;
import dev.segue.status.StatusJson;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole story on embedded servers. */
@Command(
    name = "demo",
    description = "Moves a live store between two embedded databases, and proves it.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--sessions",
      defaultValue = "5000",
      description = "Sessions in the source at the start (default: ${DEFAULT-VALUE}).")
  private int sessions;

  @Option(
      names = "--seconds",
      defaultValue = "40",
      description = "How long clients write while it is moved (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "Transactions a second that clients write (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Makes the workload repeat (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print one JSON document; the story goes to stderr.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Logging.quiet();
    if (sessions < 1 || seconds < 1 || rate < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--sessions, --seconds and --rate must be at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter story = json ? spec.commandLine().getErr() : out;
    DemoResult result =
        Demo.run(
            new DemoOptions(sessions, seconds, rate, seed),
            line -> {
              story.println(line);
              story.flush();
            });
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(result));
    }
    out.flush();
    return result.result().equals("ok") ? 0 : Failures.JOB_FAILED;
  }
}
