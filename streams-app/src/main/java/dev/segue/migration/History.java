package dev.segue.migration;

import dev.segue.canonical.Kind;
import dev.segue.config.MigrationConfig;
import dev.segue.config.MigrationConfig.DeferIndexes;
import dev.segue.deadletters.DeadLetterProducer;
import dev.segue.layout.KeptKeys;
import dev.segue.layout.TableBinding;
import dev.segue.snapshot.IndexStage;
import dev.segue.snapshot.SnapshotStage;
import dev.segue.spi.Cutoff;
import dev.segue.spi.DeferredIndexes.Index;
import dev.segue.spi.Ledger;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.TableProgress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What the source had before its log was followed: where that ends, and how it gets across. */
final class History implements AutoCloseable {
  /** Below this, building indexes behind the rows gains less than a glance at them costs. */
  private static final long WORTH_DEFERRING = 32L << 20;

  private final MigrationConfig config;
  private final Direction there;
  private final Consumer<String> story;
  private SnapshotReader unread;

  History(MigrationConfig config, Direction there, Consumer<String> story) {
    this.config = config;
    this.there = there;
    this.story = story;
  }

  /** Sets the moment at which history ends and the log begins. */
  Cutoff cutOff(Ledger ledger) {
    SnapshotReader view = there.source().prepare(story);
    try {
      List<TableProgress> estimates = view.estimates();
      ledger.prepared(view.cutoff(), view.chunks(config.snapshot().chunk()), estimates);
      ledger.enter("snapshot", "cutoff " + view.cutoff().log());
      story.accept("Cutoff at " + view.cutoff().log() + ": the source keeps its log from here.");
      takeIndexesAway(ledger, worthDeferring(estimates));
    } catch (RuntimeException e) {
      view.close();
      throw e;
    }
    unread = view;
    return view.cutoff();
  }

  private Set<Kind> worthDeferring(List<TableProgress> estimates) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    if (config.snapshot().deferIndexes() == DeferIndexes.NEVER) {
      return kinds;
    }
    for (TableBinding table : there.source().binding().tables()) {
      boolean large =
          estimates.stream()
              .filter(estimate -> estimate.table().equals(table.table().id().toString()))
              .anyMatch(estimate -> estimate.bytes() >= WORTH_DEFERRING);
      if (large || config.snapshot().deferIndexes() == DeferIndexes.ALWAYS) {
        kinds.add(table.layout().kind());
      }
    }
    return kinds;
  }

  private void takeIndexesAway(Ledger ledger, Set<Kind> kinds) {
    Set<Kind> keys = KeptKeys.between(there.source().binding(), there.target().binding());
    List<Index> gone = there.target().deferredIndexes().takeAway(kinds, keys);
    if (!gone.isEmpty()) {
      String what = gone.stream().map(Index::toString).collect(Collectors.joining(", "));
      ledger.note("indexes", "taken away until history is copied: " + what);
      story.accept("Built behind the rows: " + what + ".");
    }
  }

  /**
   * Copies what the ledger does not have yet, then builds indexes.
   *
   * @param copied is run in a stage's thread when all of it is there
   */
  void copy(Cutoff cutoff, Ledger.Migration migration, Flow flow, Runnable copied) {
    Ledger ledger = there.target().ledger();
    SnapshotStage snapshot =
        new SnapshotStage(
            there.source(),
            ledger,
            cutoff,
            unread,
            indexStage()::buildKeys,
            () -> there.target().snapshotWriter(migration, there.source().supplies()),
            config.snapshot().parallelism(),
            () -> new DeadLetterProducer(flow.kafka(), flow.topics()),
            flow.board());
    unread = null;
    flow.supervisor().start(snapshot, () -> flow.supervisor().start(indexStage(), copied));
  }

  /** Builds indexes that could not be built before; somebody may have mended the rows. */
  void buildIndexes(Flow flow) {
    flow.supervisor().start(indexStage());
  }

  private IndexStage indexStage() {
    return new IndexStage(there.target().deferredIndexes(), there.target().ledger(), story);
  }

  @Override
  public void close() {
    if (unread != null) {
      unread.close();
    }
  }
}
