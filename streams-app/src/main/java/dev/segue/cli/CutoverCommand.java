package dev.segue.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Gives sessions to the target. */
@Command(
    name = "cutover",
    description =
        "Gives sessions to the target while people talk: compares them on both sides, refuses their"
            + " writers for a moment, waits until the last write has arrived, compares once more,"
            + " and has the target take over. The rest stays with the source. Needs segue run.",
    mixinStandardHelpOptions = true)
final class CutoverCommand implements Callable<Integer> {
  @Mixin private MoveOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return options.perform("/v1/cutovers");
  }
}
