package dev.segue.cutover;

import dev.segue.config.MigrationConfig;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Commands of the operator's own, run by the shell around a cutover; what they print is told. */
final class Hooks {
  private static final long MOST_SECONDS = 300;
  private static final int MOST_LINES = 200;

  private final MigrationConfig.Hooks hooks;
  private final Consumer<String> story;

  Hooks(MigrationConfig.Hooks hooks, Consumer<String> story) {
    this.hooks = hooks;
    this.story = story;
  }

  /**
   * Runs the first one.
   *
   * @throws SystemFault if it vetoes
   */
  void before(Map<String, String> variables) throws InterruptedException {
    int exit = run("before", hooks.before(), variables);
    if (exit != 0) {
      throw SystemFault.permanent(
          "hook cutover.hooks.before vetoed: it ended with " + exit,
          "see what it printed; run it by hand, or take it out of migration.yaml");
    }
  }

  void after(Map<String, String> variables) throws InterruptedException {
    run("after", hooks.after(), variables);
  }

  void abort(Map<String, String> variables) throws InterruptedException {
    run("abort", hooks.abort(), variables);
  }

  private int run(String name, Optional<String> command, Map<String, String> variables)
      throws InterruptedException {
    if (command.isEmpty()) {
      return 0;
    }
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command.get()).redirectErrorStream(true);
    builder.environment().putAll(variables);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      Thread reader = new Thread(() -> tell(name, process.getInputStream()), "segue-hook");
      reader.start();
      if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        story.accept("Hook " + name + " did not end within " + MOST_SECONDS + " s.");
        return -1;
      }
      reader.join(2000);
      story.accept("Hook " + name + " ended with " + process.exitValue() + ".");
      return process.exitValue();
    } catch (IOException e) {
      story.accept("Hook " + name + " could not be run: " + e.getMessage());
      return -1;
    }
  }

  private void tell(String name, InputStream output) {
    try (output) {
      new String(output.readNBytes(64 << 10), StandardCharsets.UTF_8)
          .lines()
          .limit(MOST_LINES)
          .forEach(line -> story.accept("  " + name + ": " + line));
    } catch (IOException e) {
      story.accept("  " + name + ": its output could not be read: " + e.getMessage());
    }
  }
}
