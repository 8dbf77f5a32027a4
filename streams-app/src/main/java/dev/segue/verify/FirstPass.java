package dev.segue.verify;

import dev.failsafe.RateLimiter;
import dev.segue.canonical.Entity;
import dev.segue.layout.UnmappableRowException;
import dev.segue.layout.Verbatim;
import dev.segue.spi.Chunk;
import dev.segue.spi.HeldRow;
import dev.segue.spi.Holdings;
import dev.segue.spi.SessionSum;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * Sums up all rows of both sides by session: reads them, or has the systems do it where they hold
 * the same. The target goes first, so that a session which is new in between is one that the source
 * names.
 *
 * <p>A pass that goes on where an earlier one ended reads only the pieces that are left. A row that
 * moved meanwhile from one of them into a piece that was read is seen by nobody; but then it was
 * changed, which the source tells, and its session is taken for one that differs. What is deleted
 * or lost in pieces that were read is not seen: the pass tells of the time when it began.
 */
final class FirstPass {
  private static final long CHUNK = 16L << 20;

  /** A piece that is summed up elsewhere is told by session, and has hardly more of them. */
  private static final long SUMMED_CHUNK = 64L << 20;

  private static final String TARGET = "target";
  private static final String SOURCE = "source";

  /** So many rows are waited for together. */
  private static final int BATCH = 200;

  private final Source source;
  private final Holdings holdings;
  private final SummedTables summed;
  private final References references;
  private final int parallelism;
  private final RateLimiter<Object> limiter;
  private final Optional<PassLog> log;
  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();
  private final LongAdder rows = new LongAdder();

  /**
   * @param summed whose rows are not read
   * @param maxRate most rows a second, both sides together; 0 for as fast as can be
   * @param log what an earlier process read, and where to write down what this one does
   */
  FirstPass(
      Source source,
      Holdings holdings,
      SummedTables summed,
      int parallelism,
      long maxRate,
      Optional<PassLog> log) {
    this.source = source;
    this.holdings = holdings;
    this.summed = summed;
    this.references = new References(source.supplies());
    this.parallelism = parallelism;
    this.limiter =
        maxRate <= 0
            ? null
            : RateLimiter.smoothBuilder(Math.max(1, maxRate / BATCH), Duration.ofSeconds(1))
                .build();
    this.log = log;
  }

  /** Sessions by the target's spelling. */
  Map<String, Tally> run(LongConsumer progress) throws InterruptedException {
    add(log.map(PassLog::takeRead).orElseGet(Map::of));
    try (Holdings.View view = holdings.view()) {
      inParallel(
          pieces(view::chunks, summed::atTarget).stream()
              .filter(chunk -> !isRead(TARGET, chunk))
              .toList(),
          tasks -> {
            try (Holdings.Reader reader = view.openReader()) {
              Counter counter = new Counter(progress);
              for (Chunk chunk = tasks.poll(); chunk != null; chunk = tasks.poll()) {
                Piece piece = new Piece();
                Optional<Verbatim> table = summed.atTarget(chunk);
                if (table.isPresent()) {
                  reader.sum(chunk, table.get(), sum -> piece.find(table.get(), sum, counter));
                } else {
                  reader.read(chunk, new Finding(piece, counter));
                }
                piece.end(TARGET, chunk);
              }
            }
          });
    }
    try (SnapshotReader view = source.view()) {
      Optional<String> horizon = log.flatMap(PassLog::horizon);
      if (horizon.isEmpty()) {
        log.ifPresent(passLog -> passLog.horizon(view.cutoff().horizon()));
      }
      inParallel(
          pieces(view::chunks, summed::atSource),
          tasks -> {
            try (SnapshotReader.ChunkReader reader = view.openReader()) {
              Counter counter = new Counter(progress);
              for (Chunk chunk = tasks.poll(); chunk != null; chunk = tasks.poll()) {
                Piece piece = new Piece();
                Optional<Verbatim> table = summed.atSource(chunk);
                if (isRead(SOURCE, chunk)) {
                  reader.read(chunk, horizon.orElseThrow(), new Touching(piece, counter));
                  piece.end();
                } else if (table.isPresent()) {
                  reader.sum(chunk, table.get(), sum -> piece.expect(table.get(), sum, counter));
                  piece.end(SOURCE, chunk);
                } else {
                  reader.read(chunk, null, new Expecting(piece, counter));
                  piece.end(SOURCE, chunk);
                }
              }
            }
          });
    }
    return tallies;
  }

  /** Of tables that are summed up elsewhere few large ones, of others many small ones. */
  private List<Chunk> pieces(
      LongFunction<List<Chunk>> chunks, Function<Chunk, Optional<Verbatim>> tables) {
    return Stream.concat(
            summed.isEmpty()
                ? Stream.empty()
                : chunks.apply(SUMMED_CHUNK).stream().filter(c -> tables.apply(c).isPresent()),
            chunks.apply(CHUNK).stream().filter(c -> tables.apply(c).isEmpty()))
        .toList();
  }

  private void add(Map<String, Tally> some) {
    some.forEach((session, tally) -> tally(session).add(tally));
  }

  private boolean isRead(String side, Chunk chunk) {
    return log.isPresent() && log.get().has(side, chunk);
  }

  /** Rows read on both sides. */
  long rows() {
    return rows.sum();
  }

  private Tally tally(String session) {
    return tallies.computeIfAbsent(session, unused -> new Tally());
  }

  /** What one piece holds, by session. */
  private final class Piece {
    private final Map<String, Tally> sessions = new HashMap<>();

    Tally tally(String session) {
      return sessions.computeIfAbsent(session, unused -> new Tally());
    }

    void find(Verbatim table, SessionSum sum, Counter counter) {
      tally(sum.session() == null ? "" : sum.session()).find(table.kind(), sum);
      counter.count(sum.rows());
    }

    void expect(Verbatim table, SessionSum sum, Counter counter) {
      // A row that names no session is brought nowhere.
      if (sum.session() != null) {
        tally(sum.session()).expect(table.kind(), sum);
      }
      counter.count(sum.rows());
    }

    void end(String side, Chunk chunk) {
      log.ifPresent(passLog -> passLog.add(side, chunk, sessions));
      end();
    }

    void end() {
      FirstPass.this.add(sessions);
    }
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
    private long pending;

    Counter(LongConsumer progress) {
      this.progress = progress;
    }

    void count() {
      count(1);
    }

    void count(long more) {
      rows.add(more);
      pending += more;
      if (pending >= BATCH) {
        progress.accept(rows.sum());
        if (limiter != null) {
          hold((int) (pending / BATCH));
        }
        pending %= BATCH;
      }
    }

    private void hold(int batches) {
      try {
        limiter.acquirePermits(batches);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SystemFault.passing("interrupted", e);
      }
    }
  }

  /** Sums up what the target holds. */
  private record Finding(Piece piece, Counter counter) implements Consumer<HeldRow> {
    @Override
    public void accept(HeldRow row) {
      piece.tally(row.session()).find(row.kind(), RowDigest.of(row));
      counter.count();
    }
  }

  /** Sums up what the target should hold. */
  private final class Expecting implements SnapshotReader.RowConsumer {
    private final Piece piece;
    private final Counter counter;

    Expecting(Piece piece, Counter counter) {
      this.piece = piece;
      this.counter = counter;
    }

    @Override
    public void accept(Entity entity) {
      try {
        for (Entity item : holdings.items(entity)) {
          holdings.expected(item).ifPresent(row -> expect(row, item));
        }
      } catch (UnmappableRowException e) {
        reject(entity.sessionId(), e.getMessage());
      }
    }

    private void expect(HeldRow row, Entity entity) {
      Tally tally = piece.tally(row.session());
      tally.expect(row.kind(), RowDigest.of(row));
      tally.refer(references, entity);
      counter.count();
      if (!row.session().equals(entity.sessionId())) {
        tally.sourceId(entity.sessionId());
      }
    }

    @Override
    public void reject(String sessionId, String reason) {
      if (sessionId != null) {
        Tally tally = piece.tally(holdings.sessionText(sessionId));
        tally.sourceId(sessionId);
        tally.unmappable();
      }
    }
  }

  /** Marks sessions that were changed after a piece was read. */
  private final class Touching implements SnapshotReader.RowConsumer {
    private final Piece piece;
    private final Counter counter;

    Touching(Piece piece, Counter counter) {
      this.piece = piece;
      this.counter = counter;
    }

    @Override
    public void accept(Entity entity) {
      counter.count();
      reject(entity.sessionId(), "");
    }

    @Override
    public void reject(String sessionId, String reason) {
      if (sessionId != null) {
        Tally tally = piece.tally(holdings.sessionText(sessionId));
        tally.sourceId(sessionId);
        tally.touch();
      }
    }
  }
}
