package dev.segue.snapshot;

import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.deadletters.DeadLetterProducer;
import dev.segue.failpoint.Failpoint;
import dev.segue.spi.Chunk;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.SnapshotWriter;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.TableProgress;
import dev.segue.status.StatusBoard;
import dev.segue.supervision.Stage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what the ledger does not have yet. The first view is the slot's own; once that is lost, a
 * later one is taken for the rest, under which rows may be there already. Then also what changed in
 * chunks that were done is read again: an update may have carried a row from a range still to be
 * read into one that was.
 */
public final class SnapshotStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotStage.class);

  private final Source source;
  private final Ledger ledger;
  private final Cutoff cutoff;
  private final Supplier<SnapshotWriter> writers;
  private final int parallelism;
  private final Supplier<DeadLetterProducer> deadLetters;
  private final StatusBoard board;
  private final Runnable keys;
  private SnapshotReader first;
  private volatile boolean stopped;

  /**
   * @param first the slot's own view, or null if it was lost with the process that had it
   * @param keys is run before rows may be written over: has the target's primary keys built
   * @param deadLetters opens what keeps rows that cannot be copied, once there is one
   */
  public SnapshotStage(
      Source source,
      Ledger ledger,
      Cutoff cutoff,
      SnapshotReader first,
      Runnable keys,
      Supplier<SnapshotWriter> writers,
      int parallelism,
      Supplier<DeadLetterProducer> deadLetters,
      StatusBoard board) {
    this.source = source;
    this.ledger = ledger;
    this.cutoff = cutoff;
    this.first = first;
    this.keys = keys;
    this.writers = writers;
    this.parallelism = parallelism;
    this.deadLetters = deadLetters;
    this.board = board;
  }

  @Override
  public String name() {
    return "snapshot";
  }

  /** A chunk, and since when its rows must have changed to be read; null for all rows. */
  private record Task(Chunk chunk, String changedSince) {}

  @Override
  public void run() throws InterruptedException {
    boolean resumed = first == null;
    List<Ledger.ChunkState> chunks = ledger.chunks();
    showProgress(chunks);
    Queue<Task> tasks = new ConcurrentLinkedQueue<>();
    try (SnapshotReader view = resumed ? source.view() : first) {
      first = null;
      if (resumed) {
        LOG.atInfo()
            .addKeyValue("lsn", view.cutoff().log())
            .log("the former snapshot is lost; the rest is read under a newer one");
        ledger.snapshotResumed(view.cutoff());
        keys.run();
      }
      for (Ledger.ChunkState state : chunks) {
        if (!state.done()) {
          tasks.add(new Task(state.chunk(), null));
        } else if (resumed) {
          tasks.add(new Task(sweep(state.chunk()), cutoff.horizon()));
        }
      }
      copy(view, tasks, resumed);
    }
  }

  /** The same range, outside the ledger's own list. */
  private static Chunk sweep(Chunk chunk) {
    return new Chunk(-1, chunk.table(), chunk.part(), chunk.from(), chunk.to(), 0);
  }

  private void showProgress(List<Ledger.ChunkState> chunks) {
    Map<String, long[]> done = new LinkedHashMap<>();
    for (Ledger.ChunkState state : chunks) {
      long[] sums = done.computeIfAbsent(state.chunk().table(), unused -> new long[3]);
      sums[2] += state.chunk().bytes();
      if (state.done()) {
        sums[0] += state.rows();
        sums[1] += state.chunk().bytes();
      }
    }
    for (TableProgress table : ledger.estimates()) {
      long[] sums = done.getOrDefault(table.table(), new long[3]);
      board.table(
          new TableProgress(table.table(), sums[0], table.estimatedRows(), sums[1], sums[2]));
    }
  }

  private void copy(SnapshotReader view, Queue<Task> tasks, boolean overwrite)
      throws InterruptedException {
    int workers = Math.max(1, Math.min(parallelism, tasks.size()));
    ExecutorService pool =
        Executors.newFixedThreadPool(workers, task -> new Thread(task, "segue-snapshot-worker"));
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        futures.add(pool.submit(() -> work(view, tasks, overwrite)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (ExecutionException e) {
      tasks.clear();
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      tasks.clear();
      pool.shutdown();
      pool.awaitTermination(60, java.util.concurrent.TimeUnit.SECONDS);
    }
    if (stopped) {
      throw SystemFault.passing("the snapshot was stopped", null);
    }
  }

  private void work(SnapshotReader view, Queue<Task> tasks, boolean overwrite) {
    try (SnapshotReader.ChunkReader reader = view.openReader();
        SnapshotWriter writer = writers.get()) {
      for (Task task = tasks.poll(); task != null && !stopped; task = tasks.poll()) {
        copyChunk(reader, writer, task, overwrite);
      }
    }
  }

  private void copyChunk(
      SnapshotReader.ChunkReader reader, SnapshotWriter writer, Task task, boolean overwrite) {
    Chunk chunk = task.chunk();
    writer.begin(chunk, overwrite);
    Consumer consumer = new Consumer(writer, chunk.table());
    long rows = reader.read(chunk, task.changedSince(), consumer);
    consumer.report();
    keep(writer.finish(), chunk);
    writer.commit(rows);
    if (chunk.id() >= 0) {
      board.chunkDone(chunk.table(), rows, chunk.bytes());
    }
  }

  private void keep(List<SnapshotWriter.Rejected> rejected, Chunk chunk) {
    if (rejected.isEmpty()) {
      return;
    }
    try (DeadLetterProducer letters = deadLetters.get()) {
      for (SnapshotWriter.Rejected reject : rejected) {
        byte[] value =
            reject.entity() == null
                ? null
                : CanonicalCodec.write(reject.entity()).getBytes(StandardCharsets.UTF_8);
        letters.put(
            reject.sessionId(),
            value,
            "snapshot",
            reject.reason(),
            chunk.part() + "#" + chunk.id());
      }
      letters.flush();
    }
  }

  /** Hands rows on, and counts them now and then. */
  private final class Consumer implements SnapshotReader.RowConsumer {
    private final SnapshotWriter writer;
    private final String table;
    private long rows;

    Consumer(SnapshotWriter writer, String table) {
      this.writer = writer;
      this.table = table;
    }

    @Override
    public void accept(Entity entity) {
      writer.write(entity);
      count();
    }

    @Override
    public void reject(String sessionId, String reason) {
      writer.reject(sessionId, reason);
      count();
    }

    private void count() {
      if (++rows == 1000) {
        report();
        Failpoint.SNAPSHOT_MID_CHUNK.hit();
      }
    }

    void report() {
      board.rowsRead(table, rows);
      rows = 0;
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }
}
