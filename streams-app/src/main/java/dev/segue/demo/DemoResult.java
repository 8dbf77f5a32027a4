package dev.segue.demo;

/**
 * What came of a demo.
 *
 * @param result {@code ok}, or what went wrong
 * @param parity what {@code segue verify} said while clients wrote
 * @param kills how often the pipeline was killed with -9
 */
public record DemoResult(
    String result,
    long seed,
    Snapshot snapshot,
    Stream stream,
    Parity parity,
    int kills,
    Oracle.Verdict oracle) {
  /**
   * The history that was copied.
   *
   * @param seconds from the first chunk to the last, kills and restarts included
   */
  public record Snapshot(long sessions, long messages, double seconds, long rowsPerSecond) {}

  /**
   * What was written meanwhile.
   *
   * @param lagMs from source commit to target commit, while caught up
   */
  public record Stream(long transactions, long changes, Lag lagMs) {}

  public record Lag(long p50, long p99) {}

  /** How many sessions are the same on both sides. */
  public record Parity(long sessions, long pass, long fail, long pending) {}
}
