package dev.segue.snapshot;

import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.DeferredIndexes.Index;
import dev.segue.spi.Ledger;
import dev.segue.spi.SystemFault;
import dev.segue.supervision.Stage;
import java.util.function.Consumer;

/** Builds the indexes that were taken away while history was copied. */
public final class IndexStage implements Stage {
  private final DeferredIndexes indexes;
  private final Ledger ledger;
  private final Consumer<String> story;
  private volatile boolean stopped;

  /**
   * @param story is told what is built, line by line
   */
  public IndexStage(DeferredIndexes indexes, Ledger ledger, Consumer<String> story) {
    this.indexes = indexes;
    this.ledger = ledger;
    this.story = story;
  }

  @Override
  public String name() {
    return "indexes";
  }

  @Override
  public void run() {
    for (Index index : indexes.missing()) {
      if (stopped) {
        return;
      }
      try {
        build(index);
      } catch (SystemFault e) {
        if (index.isKey() || e.nature() != SystemFault.Nature.PERMANENT) {
          throw e;
        }
        // Rows come before indexes: the migration goes on, and does not end without it.
        ledger.note("indexes", e.getMessage());
        story.accept("Warning: " + e.getMessage());
        story.accept("  fix: " + e.remedy());
      }
    }
  }

  /** Primary keys only: nothing can be written over without them. */
  public void buildKeys() {
    indexes.missing().stream().filter(Index::isKey).forEach(this::build);
  }

  private void build(Index index) {
    story.accept("Building " + index + ", which history was copied without.");
    indexes.build(index);
  }

  @Override
  public void stop() {
    stopped = true;
  }
}
