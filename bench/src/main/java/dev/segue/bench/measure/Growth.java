package dev.segue.bench.measure;

import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Backlog;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import dev.segue.bench.server.Site;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Whether more data cost more time for each row, or more memory: snapshot and catch-up of one,
 * three and ten times the same, in a heap that never grows.
 */
public final class Growth implements Measurement {
  private static final int[] FACTORS = {1, 3, 10};
  private static final int HEAP_MB = 512;

  private final Contest contest;
  private final Site site;
  private final Path home;
  private final Conversations base;
  private final Backlog backlog;

  /** Of these sizes, which are the factor 1. */
  public Growth(Contest contest, Site site, Path home, Conversations base, Backlog backlog) {
    this.contest = contest;
    this.site = site;
    this.home = home;
    this.base = base;
    this.backlog = backlog;
  }

  @Override
  public String name() {
    return "growth";
  }

  /** Growth is about the slope, not the last percent. */
  @Override
  public int rounds(int asked) {
    return 1;
  }

  @Override
  public void round(int number) throws Exception {
    for (int factor : FACTORS) {
      Path collections = site.directory("collections");
      String options =
          "-Xmx" + HEAP_MB + "m -Xlog:gc:file=" + collections.resolve("%p.log") + "::filecount=0";
      contest.turn(
          number,
          new Segue(site, home, options),
          segue -> measure(number, factor, segue, collections));
    }
  }

  private void measure(int round, int factor, Segue segue, Path collections) throws Exception {
    Conversations size = base.times(factor);
    Database source = site.createSource("growth");
    Database target = site.createTarget("growth");
    String times = " at " + factor + "×";
    try {
      size.createIn(source);
      Conversations.createTables(target);
      site.settle();
      long began = System.nanoTime();
      try (SegueMigration migration = segue.copy(source, target)) {
        double copying = Contest.secondsSince(began);
        Delivery.check(Fingerprint.of(source), target);
        migration.stop();
        Backlog more = new Backlog(size.sessions(), backlog.transactions() * factor);
        double following = Draining.write(more, source).run(migration, target);
        contest.figure(
            round, segue.name(), "snapshot, µs/row" + times, copying * 1e6 / size.rows());
        contest.figure(
            round, segue.name(), "catch-up, µs/change" + times, following * 1e6 / more.changes());
        contest.figure(
            round, segue.name(), "peak resident MB" + times, migration.peakResidentBytes() >> 20);
      }
      OptionalLong kept = GcLog.mostKept(collections);
      if (kept.isPresent()) {
        contest.figure(round, segue.name(), "heap in use after GC, MB" + times, kept.getAsLong());
      }
      if (factor == FACTORS[FACTORS.length - 1]) {
        contest.figure(round, segue.name(), Goals.HEAP, HEAP_MB);
      }
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }
}
