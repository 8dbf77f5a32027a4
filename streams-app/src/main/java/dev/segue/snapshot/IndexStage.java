package dev.segue.snapshot;

import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.DeferredIndexes.Index;
import dev.segue.spi.Ledger;
import dev.segue.spi.SystemFault;
import dev.segue.supervision.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/** Builds the indexes that were taken away while history was copied. */
public final class IndexStage implements Stage {
  /** So many are built at once: each may have several processes, and takes 256 MB of the server. */
  private static final int TOGETHER = 2;

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

  /** What takes long is done for several at once; a key is one only when nobody builds any more. */
  @Override
  public void run() throws InterruptedException {
    List<Index> missing = indexes.missing();
    prepare(new ConcurrentLinkedQueue<>(missing));
    missing.stream().filter(Index::isKey).forEach(index -> attempt(index, indexes::build));
  }

  private void prepare(Queue<Index> missing) throws InterruptedException {
    List<FutureTask<Void>> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(TOGETHER, missing.size()); i++) {
      FutureTask<Void> worker = new FutureTask<>(() -> work(missing), null);
      workers.add(worker);
      Thread thread = new Thread(worker, "segue-index-worker");
      // A server that builds cannot be told to stop by a process that is about to end.
      thread.setDaemon(true);
      thread.start();
    }
    RuntimeException failed = null;
    for (FutureTask<Void> worker : workers) {
      try {
        worker.get();
      } catch (ExecutionException e) {
        // Whoever tries again must find that nobody is at it still, so all are waited for.
        failed = graver(failed, e.getCause());
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  /** What no other attempt can mend comes before what one may. */
  private static RuntimeException graver(RuntimeException earlier, Throwable later) {
    boolean permanent =
        earlier instanceof SystemFault fault && fault.nature() == SystemFault.Nature.PERMANENT;
    return permanent
        ? earlier
        : later instanceof RuntimeException cause ? cause : new IllegalStateException(later);
  }

  private void work(Queue<Index> missing) {
    try {
      for (Index index = missing.poll(); index != null; index = missing.poll()) {
        attempt(index, this::prepare);
      }
    } catch (RuntimeException e) {
      missing.clear();
      throw e;
    }
  }

  private void prepare(Index index) {
    tell(index);
    indexes.prepare(index);
  }

  private void tell(Index index) {
    story.accept("Building " + index + ", which history was copied without.");
  }

  private void attempt(Index index, Consumer<Index> work) {
    if (stopped) {
      return;
    }
    try {
      work.accept(index);
    } catch (SystemFault e) {
      if (index.isKey() || e.nature() != SystemFault.Nature.PERMANENT) {
        throw e;
      }
      // Rows come before indexes: the migration goes on, and does not end without it.
      ledger.note("indexes", e.getMessage());
      synchronized (story) {
        story.accept("Warning: " + e.getMessage());
        story.accept("  fix: " + e.remedy());
      }
    }
  }

  /** Primary keys only: nothing can be written over without them. */
  public void buildKeys() {
    for (Index index : indexes.missing()) {
      if (index.isKey()) {
        tell(index);
        indexes.build(index);
      }
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }
}
