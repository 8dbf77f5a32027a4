package dev.segue.guarantee;

import dev.segue.failpoint.Failpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Something that goes wrong.
 *
 * @param act what
 * @param point where the process dies by itself, for {@link Act#DIE_AT}
 * @param hit at which time it passes there
 */
record Fault(Act act, Failpoint point, int hit) {
  enum Act {
    /** The process ends itself at a named point, as kill -9 would. */
    DIE_AT,
    /** The process is killed from outside. */
    KILL,
    /** The process is stopped and another one takes over; then it is continued: a zombie. */
    ZOMBIE,
    RESTART_SOURCE,
    KILL_SOURCE,
    RESTART_TARGET,
    KILL_TARGET
  }

  private static final Failpoint[] SNAPSHOT = {
    Failpoint.SNAPSHOT_MID_CHUNK, Failpoint.SNAPSHOT_BEFORE_LEDGER, Failpoint.SNAPSHOT_BEFORE_COMMIT
  };
  private static final Failpoint[] STREAM = {
    Failpoint.CAPTURE_BEFORE_KAFKA_COMMIT,
    Failpoint.CAPTURE_AFTER_KAFKA_COMMIT,
    Failpoint.TOPOLOGY_MID_BATCH,
    Failpoint.SINK_MID_BATCH,
    Failpoint.SINK_BEFORE_COMMIT,
    Failpoint.SINK_AFTER_COMMIT,
    Failpoint.SINK_COMMIT_UNKNOWN
  };

  /**
   * The faults of one run, in their order. Every fourth run has a zombie; it needs a broker that
   * outlives the process.
   */
  static List<Fault> schedule(long seed, boolean brokerLivesOn) {
    Random random = new Random(seed);
    List<Fault> faults = new ArrayList<>();
    if (random.nextBoolean()) {
      faults.add(
          new Fault(Act.DIE_AT, SNAPSHOT[random.nextInt(SNAPSHOT.length)], 1 + random.nextInt(6)));
    }
    faults.add(
        new Fault(Act.DIE_AT, STREAM[random.nextInt(STREAM.length)], 2 + random.nextInt(40)));
    Act[] others = {
      Act.KILL, Act.RESTART_SOURCE, Act.KILL_SOURCE, Act.RESTART_TARGET, Act.KILL_TARGET
    };
    boolean zombie = brokerLivesOn && seed % 4 == 0;
    faults.add(new Fault(zombie ? Act.ZOMBIE : others[random.nextInt(others.length)], null, 0));
    return faults;
  }

  /** Whether it strikes while history is copied. */
  boolean inSnapshot() {
    return point != null && point.name().startsWith("SNAPSHOT");
  }

  /** What arms the process for this fault. */
  String variable() {
    // The answer of a commit that took place is thrown away; the process lives on.
    String action = point == Failpoint.SINK_COMMIT_UNKNOWN ? "fail" : "halt";
    return point.wireName() + "=" + action + "@" + hit;
  }

  @Override
  public String toString() {
    return act == Act.DIE_AT ? act + " " + variable() : act.toString();
  }
}
