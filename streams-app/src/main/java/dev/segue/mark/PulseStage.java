package dev.segue.mark;

import dev.segue.finding.Finding;
import dev.segue.spi.LogHealth;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.status.StatusBoard;
import dev.segue.supervision.Stage;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes a mark at every heartbeat, so that lag can be told on an idle source and the source can
 * forget its log; and looks now and then whether the tables are still what they were.
 */
public final class PulseStage implements Stage {
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final Source source;
  private final Target target;
  private final Target.Lease lease;
  private final Duration heartbeat;
  private final StatusBoard board;
  private final Object wake = new Object();
  private boolean stopped;
  private long beats;

  public PulseStage(
      Source source, Target target, Target.Lease lease, Duration heartbeat, StatusBoard board) {
    this.source = source;
    this.target = target;
    this.lease = lease;
    this.heartbeat = heartbeat;
    this.board = board;
  }

  @Override
  public String name() {
    return "pulse";
  }

  @Override
  public void run() throws InterruptedException {
    long looked = 0;
    while (true) {
      String nonce = "pulse-" + Long.toString(System.currentTimeMillis(), 36) + "-" + beats++;
      board.markWritten(nonce, source.mark(nonce, System.currentTimeMillis()));
      if (System.nanoTime() - looked > LOOK.toNanos()) {
        lease.check();
        refuse(source.drift());
        refuse(target.drift());
        refuse(lost());
        looked = System.nanoTime();
      }
      synchronized (wake) {
        if (!stopped) {
          wake.wait(heartbeat.toMillis());
        }
        if (stopped) {
          return;
        }
      }
    }
  }

  private Optional<Finding> lost() {
    LogHealth health = source.health();
    String status = health.status();
    return status.equals("lost") || status.equals("missing")
        ? Optional.of(
            Finding.error(
                source.describe() + " replication slot " + health.name(),
                "is " + status,
                "changes are missing that cannot be had again: start over with an empty target"
                    + " and a new name in migration.yaml"))
        : Optional.empty();
  }

  private static void refuse(Optional<Finding> drift) {
    drift.ifPresent(
        finding -> {
          throw SystemFault.permanent(
              finding.subject() + " " + finding.message(), finding.remedy());
        });
  }

  @Override
  public void stop() {
    synchronized (wake) {
      stopped = true;
      wake.notifyAll();
    }
  }
}
