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
import java.util.ArrayList;
import java.util.List;
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

  /** How long so many rows, and so many changes, took. */
  private record Taken(int factor, long rows, double copying, long changes, double following) {}

  @Override
  public void round(int number) throws Exception {
    List<Taken> all = new ArrayList<>();
    for (int factor : FACTORS) {
      Path collections = site.directory("collections");
      String options =
          "-Xmx" + HEAP_MB + "m -Xlog:gc:file=" + collections.resolve("%p.log") + "::filecount=0";
      contest.turn(
          number,
          new Segue(site, home, options),
          segue -> all.add(measure(number, factor, segue, collections)));
    }
    for (int i = 1; i < all.size(); i++) {
      slope(number, all.get(i - 1), all.get(i));
    }
    if (all.size() == FACTORS.length) {
      contest.figure(number, Goals.SEGUE, Goals.HEAP, HEAP_MB);
    }
  }

  /** What each further row takes: what a start takes is in none of them. */
  private void slope(int round, Taken less, Taken more) {
    String between = " from " + less.factor() + "× to " + more.factor() + "×";
    contest.figure(
        round,
        Goals.SEGUE,
        "snapshot, µs for a further row" + between,
        (more.copying() - less.copying()) * 1e6 / (more.rows() - less.rows()));
    contest.figure(
        round,
        Goals.SEGUE,
        "catch-up, µs for a further change" + between,
        (more.following() - less.following()) * 1e6 / (more.changes() - less.changes()));
  }

  private Taken measure(int round, int factor, Segue segue, Path collections) throws Exception {
    Conversations size = base.times(factor);
    Database source = site.createSource("growth");
    Database target = site.createTarget("growth");
    try {
      size.createIn(source);
      Conversations.createTables(target);
      site.settle();
      Taken taken;
      try (SegueMigration migration = segue.migration(source, target)) {
        taken = measure(factor, size, migration, new Sides(source, target));
        contest.figure(
            round,
            segue.name(),
            "peak resident MB at " + factor + "×",
            migration.peakResidentBytes() >> 20);
      }
      contest.figure(round, segue.name(), "snapshot, s at " + factor + "×", taken.copying());
      contest.figure(round, segue.name(), "catch-up, s at " + factor + "×", taken.following());
      OptionalLong kept = GcLog.mostKept(collections);
      if (kept.isPresent()) {
        contest.figure(
            round, segue.name(), "heap in use after GC, MB at " + factor + "×", kept.getAsLong());
      }
      return taken;
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }

  /** Both databases of one factor. */
  private record Sides(Database source, Database target) {}

  private Taken measure(int factor, Conversations size, SegueMigration migration, Sides sides)
      throws Exception {
    long began = System.nanoTime();
    migration.start();
    migration.awaitStreaming();
    double copying = Contest.secondsSince(began);
    Delivery.check(Fingerprint.of(sides.source()), sides.target());
    migration.stop();
    Backlog more = new Backlog(size.sessions(), backlog.transactions() * factor);
    double following = Draining.write(more, sides.source()).run(migration, sides.target());
    return new Taken(factor, size.rows(), copying, more.changes(), following);
  }
}
