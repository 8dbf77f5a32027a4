package dev.segue.verify;

import dev.failsafe.RateLimiter;
import dev.segue.canonical.Entity;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.Chunk;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Reads all rows of both sides once and sums them up by session. The target goes first, so that a
 * session which is new in between is one that the source names.
 */
final class FirstPass {
  private static final long CHUNK = 16L << 20;

  private final Source source;
  private final Holdings holdings;
  private final int parallelism;
  private final RateLimiter<Object> limiter;
  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();
  private final LongAdder rows = new LongAdder();

  /**
   * @param maxRate most rows a second, both sides together; 0 for as fast as can be
   */
  FirstPass(Source source, Holdings holdings, int parallelism, long maxRate) {
    this.source = source;
    this.holdings = holdings;
    this.parallelism = parallelism;
    this.limiter =
        maxRate <= 0
            ? null
            : RateLimiter.smoothBuilder(Math.max(1, maxRate / BATCH), Duration.ofSeconds(1))
                .build();
  }

  /** So many rows are waited for together. */
  private static final int BATCH = 200;

  /** Sessions by the target's spelling. */
  Map<String, Tally> run(LongConsumer progress) throws InterruptedException {
    try (Holdings.View view = holdings.view()) {
      inParallel(
          view.chunks(CHUNK),
          tasks -> {
            try (Holdings.Reader reader = view.openReader()) {
              Counter counter = new Counter(progress);
              for (Chunk chunk = tasks.poll(); chunk != null; chunk = tasks.poll()) {
                reader.read(chunk, new Finding(counter));
              }
            }
          });
    }
    try (SnapshotReader view = source.view()) {
      inParallel(
          view.chunks(CHUNK),
          tasks -> {
            try (SnapshotReader.ChunkReader reader = view.openReader()) {
              Counter counter = new Counter(progress);
              for (Chunk chunk = tasks.poll(); chunk != null; chunk = tasks.poll()) {
                reader.read(chunk, null, new Expecting(counter));
              }
            }
          });
    }
    return tallies;
  }

  /** Rows read on both sides. */
  long rows() {
    return rows.sum();
  }

  private Tally tally(String session) {
    return tallies.computeIfAbsent(session, unused -> new Tally());
  }

  private interface Work {
    void on(Queue<Chunk> tasks);
  }

  private void inParallel(List<Chunk> chunks, Work work) throws InterruptedException {
    Queue<Chunk> tasks = new ConcurrentLinkedQueue<>(chunks);
    int workers = Math.max(1, Math.min(parallelism, chunks.size()));
    ExecutorService pool =
        Executors.newFixedThreadPool(workers, task -> new Thread(task, "segue-verify"));
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        futures.add(pool.submit(() -> work.on(tasks)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : SystemFault.passing("reading failed", e.getCause());
    } finally {
      tasks.clear();
      pool.shutdownNow();
    }
  }

  /** Counts rows, and holds back where there are too many. */
  private final class Counter {
    private final LongConsumer progress;
    private int pending;

    Counter(LongConsumer progress) {
      this.progress = progress;
    }

    void count() {
      rows.increment();
      if (++pending == BATCH) {
        pending = 0;
        progress.accept(rows.sum());
        if (limiter != null) {
          hold();
        }
      }
    }

    private void hold() {
      try {
        limiter.acquirePermit();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SystemFault.passing("interrupted", e);
      }
    }
  }

  /** Sums up what the target holds. */
  private final class Finding implements Consumer<HeldRow> {
    private final Counter counter;

    Finding(Counter counter) {
      this.counter = counter;
    }

    @Override
    public void accept(HeldRow row) {
      tally(row.session()).find(row.kind(), RowDigest.of(row));
      counter.count();
    }
  }

  /** Sums up what the target should hold. */
  private final class Expecting implements SnapshotReader.RowConsumer {
    private final Counter counter;

    Expecting(Counter counter) {
      this.counter = counter;
    }

    @Override
    public void accept(Entity entity) {
      try {
        holdings
            .expected(entity)
            .ifPresent(
                row -> {
                  Tally tally = tally(row.session());
                  tally.expect(row.kind(), RowDigest.of(row));
                  counter.count();
                  if (!row.session().equals(entity.sessionId())) {
                    tally.sourceId(entity.sessionId());
                  }
                });
      } catch (UnmappableRowException e) {
        reject(entity.sessionId(), e.getMessage());
      }
    }

    @Override
    public void reject(String sessionId, String reason) {
      if (sessionId != null) {
        Tally tally = tally(holdings.sessionText(sessionId));
        tally.sourceId(sessionId);
        tally.unmappable();
      }
    }
  }
}
