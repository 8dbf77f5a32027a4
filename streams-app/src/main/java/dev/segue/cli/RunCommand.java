package dev.segue.cli;

import dev.segue.config.MigrationConfig;
import dev.segue.migration.MigrationRun;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a migration until it is stopped. */
@Command(
    name = "run",
    description =
        "Copies history, then follows the source. Stop it any time, however you like; the same"
            + " command goes on where it was.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(
      names = "--take-over",
      description = "Take the migration from a process that still holds it, on any machine.")
  private boolean takeOver;

  @Option(
      names = {"-v", "--verbose"},
      description = "Log what lies behind the story.")
  private boolean verbose;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (verbose) {
      Logging.verbose();
    }
    MigrationConfig migration = config.read();
    PrintWriter err = spec.commandLine().getErr();
    Ending ending = new Ending();
    try (ProgressView view = ProgressView.of(err)) {
      MigrationRun run = MigrationRun.start(migration, takeOver, view::story);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> ending.await(run), "segue-stop"));
      try (run) {
        run.await(() -> view.show(run.board(), migration.kafka().partitions()));
        view.story("Stopping: bringing what is in hand to an end.");
      }
      view.story("Stopped. The same command goes on from here.");
      ending.clean = true;
    } finally {
      ending.reached.countDown();
    }
    return 0;
  }

  /** How the command ends when the process is told to end. */
  private static final class Ending {
    private final CountDownLatch reached = new CountDownLatch(1);
    private volatile boolean clean;

    /** Holds the process back until everything in hand is brought to an end. */
    void await(MigrationRun run) {
      run.requestStop();
      try {
        if (reached.await(60, TimeUnit.SECONDS) && clean) {
          // A stop that was asked for and went well is a success, not "killed by a signal".
          Runtime.getRuntime().halt(0);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
