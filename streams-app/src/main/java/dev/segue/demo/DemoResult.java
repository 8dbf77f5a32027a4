package dev.segue.demo;

import dev.segue.status.PauseMs;

/**
 * What came of a demo.
 *
 * @param result {@code ok}, or what went wrong
 * @param parity what {@code segue verify} said while clients wrote
 * @param oracle rows that were only brought, judged by SQL
 * @param talk messages that people said on either side, judged by what was acknowledged
 * @param kills how often the pipeline was killed with -9
 */
public record DemoResult(
    String result,
    long seed,
    Snapshot snapshot,
    Stream stream,
    Parity parity,
    Cutover cutover,
    Rollback rollback,
    int kills,
    Oracle.Verdict oracle,
    Spoken.Verdict talk) {
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

  /**
   * What was given to the target.
   *
   * @param slices that were moved one after the other
   * @param pauseMs how long requests took that met a session while it changed hands
   * @param failedRequests requests that no side acknowledged within ten seconds
   */
  public record Cutover(int slices, long sessions, PauseMs pauseMs, long failedRequests) {}

  /**
   * What was given back.
   *
   * @param messagesKept that the sessions gained at the target
   * @param lost of these, those that the source does not have
   */
  public record Rollback(long sessions, long messagesKept, long lost) {}
}
