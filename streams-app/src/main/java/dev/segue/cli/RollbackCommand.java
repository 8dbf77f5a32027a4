package dev.segue.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Gives sessions back to the source. */
@Command(
    name = "rollback",
    description =
        "Gives sessions back to the source, with all they gained at the target. The same steps as"
            + " cutover, the other way; any number of times. Needs segue run.",
    mixinStandardHelpOptions = true)
final class RollbackCommand implements Callable<Integer> {
  @Mixin private MoveOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return options.perform("/v1/rollbacks");
  }
}
