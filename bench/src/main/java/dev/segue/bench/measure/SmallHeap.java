package dev.segue.bench.measure;

import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import dev.segue.bench.server.Site;
import dev.segue.bench.server.Writing;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A migration from beginning to end in a heap that never grows. */
final class SmallHeap {
  static final int MB = 512;

  private final Site site;
  private final Path collections;
  private final Segue segue;

  SmallHeap(Site site, Path home) throws Exception {
    this(site, home, "");
  }

  /**
   * With a configuration of its own.
   *
   * @param settings lines of {@code migration.yaml}
   */
  SmallHeap(Site site, Path home, String settings) throws Exception {
    this.site = site;
    this.collections = site.directory("collections");
    this.segue =
        new Segue(
            site,
            home,
            "-Xmx" + MB + "m -Xlog:gc:file=" + collections.resolve("%p.log") + "::filecount=0",
            settings);
  }

  Segue segue() {
    return segue;
  }

  /**
   * What it took.
   *
   * @param copying seconds until history was there
   * @param following seconds until what was written after it was there, from a start on
   * @param residentMb the largest resident set
   * @param keptMb megabytes in use after the collection that left the most; empty if there was none
   */
  record Taken(double copying, double following, long residentMb, OptionalLong keptMb) {}

  /** Copies a history, stops, and goes on when something was written behind it. */
  Taken migrate(Conversations history, Writing writing) throws Exception {
    Database source = site.createSource("small");
    Database target = site.createTarget("small");
    try {
      history.createIn(source);
      Conversations.createTables(target);
      site.settle();
      try (SegueMigration migration = segue.migration(source, target)) {
        long began = System.nanoTime();
        migration.start();
        migration.awaitStreaming();
        double copying = Contest.secondsSince(began);
        Delivery.check(Fingerprint.of(source), target);
        migration.stop();
        double following = Draining.write(writing, source).run(migration, target);
        return new Taken(
            copying, following, migration.peakResidentBytes() >> 20, GcLog.mostKept(collections));
      }
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }
}
