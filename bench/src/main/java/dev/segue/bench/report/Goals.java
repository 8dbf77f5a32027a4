package dev.segue.bench.report;

import static dev.segue.bench.report.Goal.Bound.AT_LEAST;
import static dev.segue.bench.report.Goal.Bound.AT_MOST;

import java.util.List;

/** All that is held against what was measured, and the names that figures are found by. */
public final class Goals {
  public static final String SEGUE = "Segue";
  public static final String NATIVE = "native";
  public static final String CONNECT = "Connect + JDBC sink";

  public static final String ROWS = "rows/s";
  public static final String CHANGES = "changes/s";
  public static final String SECONDS = "s";
  public static final String SNAPSHOT_SECONDS = "snapshot before it, s";
  public static final String P99 = "p99 ms";
  public static final String HEAP = "heap that was enough for 10× the data, MB";
  public static final String HELP = "--help, s";
  public static final String STATUS = "status, s";
  public static final String STREAMING = "run until streaming, s";

  /** In the order of the table. */
  public static final List<Goal> ALL =
      List.of(
          Goal.ratio(
              "snapshot with mapping, rows/s ÷ native initial copy",
              AT_LEAST,
              1.3,
              1.8,
              new Series("snapshot", SEGUE, ROWS),
              new Series("snapshot", NATIVE, ROWS)),
          Goal.ratio(
              "catch-up, changes/s ÷ Connect + JDBC sink",
              AT_LEAST,
              2,
              4,
              new Series("catchup", SEGUE, CHANGES),
              new Series("catchup", CONNECT, CHANGES)),
          Goal.ratio(
              "catch-up, changes/s ÷ native logical apply",
              AT_LEAST,
              0.25,
              0.6,
              new Series("catchup", SEGUE, CHANGES),
              new Series("catchup", NATIVE, CHANGES)),
          Goal.figure(
              "commit → visible on the target at 500 tx/s, p99, ms",
              500,
              150,
              new Series("latency", SEGUE, P99)),
          Goal.figure(
              "write pause of a moved busy session at 500 tx/s, p99, ms",
              1000,
              200,
              new Series("pause", SEGUE, P99)),
          Goal.ratio(
              "verify all ÷ snapshot time",
              AT_MOST,
              1.0,
              0.3,
              new Series("verify", SEGUE, SECONDS),
              new Series("verify", SEGUE, SNAPSHOT_SECONDS)),
          Goal.figure(
              "heap needed at 10× the data, the same as at 1×, MB",
              512,
              512,
              new Series("growth", SEGUE, HEAP)),
          Goal.figure("segue --help, s", 1, 1, new Series("startup", SEGUE, HELP)),
          Goal.figure("segue status, s", 1, 1, new Series("startup", SEGUE, STATUS)),
          Goal.figure(
              "segue run until streaming, s", 10, 10, new Series("startup", SEGUE, STREAMING)));

  private Goals() {}
}
