package dev.segue.status;

import dev.segue.spi.Ledger;
import dev.segue.spi.LogHealth;
import dev.segue.spi.ParityLog;
import java.util.List;
import java.util.Objects;

/**
 * One moment of a migration. Rates are per second over the last ten seconds.
 *
 * @param running the process that runs it, or null
 * @param lastError what last went wrong, or null
 * @param parity what the last verification found, or null if there was none
 * @param routing which side owns how many sessions
 * @param vectors how far the vectors are that are made anew, or null where none are
 * @param slot what the source keeps for us, or null where it could not be asked
 * @param asOf when the two systems were looked at; null where they were asked for this very moment
 */
public record Status(
    String migration,
    String phase,
    Running running,
    List<Table> tables,
    Lag lag,
    Rates rates,
    Latency latencyMs,
    Counts counts,
    Parked parked,
    ParityLog.Totals parity,
    LogHealth slot,
    Routing routing,
    Vectors vectors,
    List<Stage> stages,
    String lastError,
    AsOf asOf) {
  public Status {
    Objects.requireNonNull(migration, "migration");
    Objects.requireNonNull(phase, "phase");
    tables = List.copyOf(tables);
    stages = List.copyOf(stages);
  }

  /**
   * Which side owns how many sessions.
   *
   * @param targetPercent of all hash slots
   * @param named sessions that do not go with their slot
   * @param move what is changing hands right now, or null
   * @param wayBack the pipeline from the target to the source, or null before the first cutover
   */
  public record Routing(double targetPercent, long named, Move move, WayBack wayBack) {}

  /**
   * A slice that is changing hands.
   *
   * @param to {@code source} or {@code target}
   * @param slice what is moved, in words
   * @param state how far it is: intended, surveyed, fenced, drained, proven, switched, aborting
   * @param detail what was found when it got there
   * @param seconds since it began
   */
  public record Move(
      String id,
      String to,
      String slice,
      String state,
      String detail,
      String requestedBy,
      long seconds) {}

  /**
   * The pipeline from the target to the source.
   *
   * @param failure why it has stopped for good, or null
   */
  public record WayBack(Lag lag, String failure, List<Stage> stages) {
    public WayBack {
      stages = List.copyOf(stages);
    }
  }

  /**
   * How far the vectors are that are made anew.
   *
   * @param items that there are
   * @param waiting items whose text has no vector yet; -1 while that is not known
   * @param made since this process started
   * @param perSecond over the last ten seconds
   */
  public record Vectors(String space, long items, long waiting, long made, long perSecond) {}

  /**
   * When the two systems were last looked at. Older than now is what they keep, not what the
   * process knows: of the source {@code slot}, of the target {@code parked}, {@code parity} and the
   * move under way.
   */
  public record AsOf(Look source, Look target) {}

  /**
   * A look at a system.
   *
   * @param at when it last answered, RFC 3339; null if it never did
   * @param ageMs how long ago that was; -1 if it never did
   * @param trouble why it does not answer now, or null
   */
  public record Look(String at, long ageMs, String trouble) {}

  /** The process that runs a migration. */
  public record Running(long pid, String since) {}

  /**
   * The snapshot of one table.
   *
   * @param etaSeconds -1 while it would mean nothing
   */
  public record Table(
      String name,
      long rows,
      long estimatedRows,
      double percent,
      long rowsPerSecond,
      long etaSeconds) {}

  /**
   * How far the target is behind the source.
   *
   * @param bytes log between the newest mark written and the oldest mark applied; -1 if unknown
   * @param ms from source commit to target apply; grows while nothing arrives; -1 if unknown
   */
  public record Lag(long bytes, long ms) {}

  public record Rates(long capturedPerSecond, long appliedPerSecond) {}

  /** From source commit to target commit, since the stream caught up. */
  public record Latency(long p50, long p99) {}

  /** Since this process started. */
  public record Counts(long transactions, long captured, long applied, long skipped) {}

  /**
   * Sessions whose changes are kept as dead letters.
   *
   * @param first the first few of them
   */
  public record Parked(long sessions, long records, List<Ledger.Parked> first) {
    public Parked {
      first = List.copyOf(first);
    }
  }

  /**
   * One part of the pipeline.
   *
   * @param retries attempts since it last worked
   * @param reason why it is being retried, or null
   */
  public record Stage(String name, String state, int retries, String reason) {}
}
