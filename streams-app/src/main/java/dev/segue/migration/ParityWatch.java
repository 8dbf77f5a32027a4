package dev.segue.migration;

import dev.segue.sink.AppliedSessions;
import dev.segue.spi.SystemFault;
import dev.segue.verify.Parity;
import dev.segue.verify.Parity.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes on comparing sessions that were written to, a bounded number at a time. */
final class ParityWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ParityWatch.class);
  private static final long PAUSE_MILLIS = 5000;
  private static final int MOST = 500;

  private final Look look;
  private final Consumer<List<Parity>> drifted;
  private final Thread thread = new Thread(this::watch, "segue-parity-watch");
  private final Set<String> known = new HashSet<>();

  /** One look at what was written to. */
  interface Look {
    List<Parity> run() throws InterruptedException;
  }

  /**
   * @param drifted takes sessions that differ, each once until it is the same again
   */
  ParityWatch(Look look, Consumer<List<Parity>> drifted) {
    this.look = look;
    this.drifted = drifted;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Sessions that a sink changed since the last look; of very many, some. */
  static List<String> touched(AppliedSessions.Follower follower) {
    try {
      return follower.take().stream().limit(MOST).toList();
    } catch (IllegalStateException e) {
      LOG.atInfo().addKeyValue("reason", e.getMessage()).log("not compared");
      return List.of();
    }
  }

  private void watch() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(PAUSE_MILLIS);
        List<Parity> found = look.run();
        for (Parity parity : found) {
          if (parity.parityStatus() == Verdict.PASS) {
            known.remove(parity.sessionId());
          }
        }
        List<Parity> differing =
            found.stream()
                .filter(parity -> parity.parityStatus() == Verdict.FAIL)
                .filter(parity -> known.add(parity.sessionId()))
                .toList();
        if (!differing.isEmpty()) {
          drifted.accept(differing);
        }
      } catch (SystemFault e) {
        LOG.atInfo().addKeyValue("reason", e.getMessage()).log("cannot compare now");
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("comparing failed");
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
