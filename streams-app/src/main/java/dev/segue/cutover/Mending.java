package dev.segue.cutover;

import dev.segue.canonical.Entity;
import dev.segue.failpoint.Failpoint;
import dev.segue.mark.Barrier;
import dev.segue.spi.Mender;
import dev.segue.spi.Ownership;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.SystemFault;
import dev.segue.verify.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads sessions anew from the side that owns them and writes them to the other as a whole. Their
 * writers wait for the moment that it takes: what is under way arrives first, so nobody who reads
 * the other side ever sees an older state, and nothing that comes later is overwritten.
 */
public final class Mending {
  /** So many sessions are held together, to be read and written within a short pause. */
  private static final int TOGETHER = 50;

  private final Ownership owner;
  private final Terms terms;
  private final Mender mender;
  private final Duration maxPause;
  private final Runnable mayGoOn;
  private final Runnable unparked;

  /**
   * @param owner who may write to the side that owns the sessions
   * @param terms how its rows come to the other
   * @param mayGoOn throws if this process must not decide anything any more
   * @param unparked is told when sessions were taken off those that are parked, before anything
   *     more of them can arrive
   */
  public Mending(
      Ownership owner,
      Terms terms,
      Mender mender,
      Duration maxPause,
      Runnable mayGoOn,
      Runnable unparked) {
    this.owner = owner;
    this.terms = terms;
    this.mender = mender;
    this.maxPause = maxPause;
    this.mayGoOn = mayGoOn;
    this.unparked = unparked;
  }

  /**
   * What came of it.
   *
   * @param mended how many sessions the other side holds as their owner does now
   * @param refused why others could not be
   * @param pauseMsMax how long writers of a session had to wait at most
   */
  public record Report(int mended, Map<String, String> refused, long pauseMsMax) {
    public Report {
      refused = Map.copyOf(refused);
    }

    /** Both together. */
    public Report and(Report other) {
      Map<String, String> all = new TreeMap<>(refused);
      all.putAll(other.refused);
      return new Report(mended + other.mended, all, Math.max(pauseMsMax, other.pauseMsMax));
    }
  }

  /** Mends sessions that one side owns. */
  public Report run(Collection<String> sessions, Consumer<String> story)
      throws InterruptedException {
    List<String> all = List.copyOf(sessions);
    Report report = new Report(0, Map.of(), 0);
    for (int from = 0; from < all.size(); from += TOGETHER) {
      List<String> some = all.subList(from, Math.min(all.size(), from + TOGETHER));
      report = report.and(mend(some));
      if (from > 0 && from % (20 * TOGETHER) == 0) {
        story.accept(report.mended() + " of " + all.size() + " sessions written anew");
      }
    }
    return report;
  }

  private Report mend(List<String> sessions) throws InterruptedException {
    mayGoOn.run();
    try (Ownership.Hold hold = owner.hold(sessions, maxPause.multipliedBy(10))) {
      long began = System.nanoTime();
      if (!Barrier.raise(terms.source(), terms.ledger()).await(maxPause)) {
        throw SystemFault.passing(
            "what was under way did not arrive within cutover.max-pause ("
                + maxPause.toMillis()
                + " ms)",
            null);
      }
      Failpoint.MEND_DRAINED.hit();
      Map<String, List<Entity>> rows = new LinkedHashMap<>();
      sessions.forEach(session -> rows.put(session, new ArrayList<>()));
      Map<String, String> refused = read(rows);
      refused.keySet().forEach(rows::remove);
      mayGoOn.run();
      refused.putAll(mender.mend(rows, hold::isHeld));
      Failpoint.MEND_WRITTEN.hit();
      // Before anything more of them can come.
      unparked.run();
      return new Report(
          sessions.size() - refused.size(), refused, (System.nanoTime() - began) / 1_000_000);
    }
  }

  /** Why sessions cannot be mapped. */
  private Map<String, String> read(Map<String, List<Entity>> rows) {
    Map<String, String> refused = new TreeMap<>();
    terms
        .source()
        .read(
            List.copyOf(rows.keySet()),
            new SnapshotReader.RowConsumer() {
              @Override
              public void accept(Entity entity) {
                List<Entity> session = rows.get(entity.sessionId());
                if (session != null) {
                  session.add(entity);
                }
              }

              @Override
              public void reject(String sessionId, String reason) {
                if (sessionId != null) {
                  refused.put(sessionId, reason);
                }
              }
            });
    return refused;
  }
}
