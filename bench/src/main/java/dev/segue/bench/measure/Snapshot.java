package dev.segue.bench.measure;

import dev.segue.bench.contender.Copier;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.sql.SQLException;
import java.util.List;

/**
 * How fast history is copied: rows a second, from the moment the contender is started until all
 * rows are visible in the target, keys and index included. The start of a JVM counts.
 */
public final class Snapshot implements Measurement {
  private final Contest contest;
  private final Site site;
  private final Conversations size;
  private final List<Copier> copiers;
  private History history;

  public Snapshot(Contest contest, Site site, Conversations size, List<Copier> copiers) {
    this.contest = contest;
    this.site = site;
    this.size = size;
    this.copiers = List.copyOf(copiers);
  }

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public void round(int number) throws Exception {
    if (history == null) {
      contest.tell("making " + size.rows() + " rows");
      history = History.make(site, size);
      warmUp();
    }
    contest.round(number, copiers, copier -> measure(number, copier));
  }

  /**
   * Whoever comes first after the rows were made takes a tenth to a quarter longer, whoever it is:
   * the kernel clears pages that nobody has used yet, and their host may have to find them first.
   * So who comes first copies once more than it is measured, with all the memory that it takes.
   * What goes wrong then is found out again by the first round, and counts there.
   */
  private void warmUp() throws InterruptedException, SQLException {
    for (Copier first : copiers.stream().filter(c -> c.absence().isEmpty()).limit(1).toList()) {
      contest.tell(first.name() + " copies once, uncounted");
      Database target = history.target();
      try {
        first.copy(history.source(), target).close();
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        contest.tell(first.name() + " failed: " + e.getMessage());
      } finally {
        history.discard(target);
      }
    }
  }

  private void measure(int round, Copier copier) throws Exception {
    Database target = history.target();
    try {
      long began = System.nanoTime();
      try (AutoCloseable running = copier.copy(history.source(), target)) {
        double seconds = Contest.secondsSince(began);
        Delivery.check(history.fingerprint(), target);
        Delivery.checkIndexes(history.source(), target);
        contest.figure(round, copier.name(), Goals.SECONDS, seconds);
        contest.figure(round, copier.name(), Goals.ROWS, size.rows() / seconds);
      }
    } finally {
      history.discard(target);
    }
  }

  @Override
  public void close() throws SQLException {
    if (history != null) {
      history.close();
    }
  }
}
