package dev.segue.bench.measure;

import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import dev.segue.bench.server.Site;
import dev.segue.bench.server.Writing;
import java.nio.file.Path;

/** A migration from beginning to end in a heap that never grows. */
final class SmallHeap {
  static final int MB = 512;

  private final Site site;
  private final Path collections;
  private final Segue segue;

  /**
   * A heap for it.
   *
   * @param settings lines of {@code migration.yaml}; empty for the defaults
   */
  SmallHeap(Site site, Segue segue, String settings) throws Exception {
    this.site = site;
    this.collections = site.directory("collections");
    this.segue =
        segue.with(
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
   * @param heap megabytes in use after a full collection
   */
  record Taken(double copying, double following, long residentMb, Heap heap) {}

  /**
   * Megabytes in use after a full collection.
   *
   * @param most after the one that left the most
   * @param end once all is there
   */
  record Heap(long most, long end) {}

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
        migration.collectGarbage();
        GcLog log = GcLog.in(collections);
        Heap heap = new Heap(log.most(), log.asked());
        return new Taken(copying, following, migration.peakResidentBytes() >> 20, heap);
      }
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }
}
