package dev.segue.cli;

import dev.segue.status.Status;
import dev.segue.status.StatusBoard;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a run: bars on a terminal, now and then a line in a pipe. */
abstract sealed class ProgressView implements AutoCloseable {
  static ProgressView of(PrintWriter err) {
    return Terminals.isTerminal() && System.getenv("NO_COLOR") == null
        ? new Terminal(err)
        : new Pipe(err);
  }

  /** Tells what happened. */
  abstract void story(String line);

  /** Shows how far it is; called several times a second. */
  abstract void show(StatusBoard board, int partitions);

  @Override
  public void close() {}

  /** One line each few seconds. */
  private static final class Pipe extends ProgressView {
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    private final PrintWriter err;
    private long shown = System.nanoTime();

    Pipe(PrintWriter err) {
      this.err = err;
    }

    @Override
    void story(String line) {
      err.println(line);
      err.flush();
    }

    @Override
    void show(StatusBoard board, int partitions) {
      Status.Lag lag = board.lag(partitions, System.currentTimeMillis());
      Status.Rates rates = board.rates();
      List<Status.Table> tables = board.tables();
      if (System.nanoTime() - shown < BETWEEN.toNanos()) {
        return;
      }
      shown = System.nanoTime();
      StringBuilder line = new StringBuilder(board.phase());
      if (board.phase().equals("snapshot")) {
        tables.forEach(table -> line.append("  ").append(tableText(table)));
      } else {
        line.append(
            String.format(
                Locale.ROOT,
                "  lag %s  captured %,d/s  applied %,d/s",
                StatusText.lag(lag),
                rates.capturedPerSecond(),
                rates.appliedPerSecond()));
      }
      board.stages().stream()
          .filter(stage -> stage.state().equals("retrying"))
          .forEach(s -> line.append("  ").append(s.name()).append(" waits: ").append(s.reason()));
      story(line.toString());
    }

    private static String tableText(Status.Table table) {
      return String.format(
          Locale.ROOT,
          "%s %.0f%% %,d rows %,d/s%s",
          table.name(),
          table.percent(),
          table.rows(),
          table.rowsPerSecond(),
          table.etaSeconds() > 0 ? " " + StatusText.duration(table.etaSeconds()) + " left" : "");
    }
  }

  /** A bar for each table, then one line that changes in place. */
  private static final class Terminal extends ProgressView {
    private final PrintWriter err;
    private final Map<String, ProgressBar> bars = new LinkedHashMap<>();
    private boolean lineOpen;

    Terminal(PrintWriter err) {
      this.err = err;
    }

    @Override
    void story(String line) {
      clear();
      err.println("\033[1m" + line + "\033[0m");
      err.flush();
    }

    private void clear() {
      if (lineOpen) {
        err.print("\r\033[K");
        lineOpen = false;
      }
    }

    @Override
    void show(StatusBoard board, int partitions) {
      Status.Lag lag = board.lag(partitions, System.currentTimeMillis());
      Status.Rates rates = board.rates();
      if (board.phase().equals("snapshot")) {
        board.tables().forEach(this::bar);
        return;
      }
      closeBars();
      if (board.phase().equals("streaming")) {
        clear();
        err.printf(
            Locale.ROOT,
            "  lag %s   captured %,d/s   applied %,d/s",
            StatusText.lag(lag),
            rates.capturedPerSecond(),
            rates.appliedPerSecond());
        board.stages().stream()
            .filter(stage -> stage.state().equals("retrying"))
            .forEach(stage -> err.print("   \033[33m" + stage.name() + " waits\033[0m"));
        err.flush();
        lineOpen = true;
      }
    }

    private void bar(Status.Table table) {
      ProgressBar bar =
          bars.computeIfAbsent(
              table.name(),
              name ->
                  new ProgressBarBuilder()
                      .setTaskName(name)
                      .setInitialMax(Math.max(1, table.estimatedRows()))
                      .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                      .setUnit(" rows", 1)
                      .showSpeed()
                      .setUpdateIntervalMillis(200)
                      .build());
      bar.maxHint(Math.max(table.rows(), Math.max(1, table.estimatedRows())));
      bar.stepTo(table.rows());
    }

    private void closeBars() {
      bars.values().forEach(ProgressBar::close);
      bars.clear();
    }

    @Override
    public void close() {
      closeBars();
      clear();
      err.flush();
    }
  }
}
