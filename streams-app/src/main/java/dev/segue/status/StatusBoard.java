package dev.segue.status;

import dev.segue.spi.AppliedState;
import dev.segue.spi.TableProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;

/** Where the running parts write down what they do; read by whoever shows the status. */
public final class StatusBoard {
  /** Below this lag the stream counts as caught up, and latencies mean something. */
  private static final long CAUGHT_UP_MS = 2_000;

  private final Map<String, TableMeter> tables = new LinkedHashMap<>();
  private final Map<Integer, Applied> applied = new ConcurrentHashMap<>();
  private final Map<String, Status.Stage> stages = new ConcurrentHashMap<>();
  private final RateMeter captured = new RateMeter();
  private final RateMeter appliedRate = new RateMeter();
  private final RateMeter transactions = new RateMeter();
  private final RateMeter skipped = new RateMeter();
  private final ConcurrentHistogram latency = new ConcurrentHistogram(3_600_000, 2);
  private final RateMeter vectorsMade = new RateMeter();
  private final AtomicLong vectorsWaiting = new AtomicLong(-1);
  private final long heartbeatMillis;
  private volatile long vectorItems;
  private volatile String phase = "starting";
  private volatile String lastError;
  private volatile String newestMark = "";
  private volatile long newestMarkLog;
  private volatile boolean caughtUp;

  public StatusBoard(Duration heartbeat) {
    this.heartbeatMillis = heartbeat.toMillis();
  }

  /** Sets how many memory items there are, and how many of them have no vector yet. */
  public void vectors(long items, long waiting) {
    vectorItems = items;
    vectorsWaiting.set(waiting);
  }

  /** Counts texts that were found to have no vector. */
  public void vectorsWaiting(long more) {
    vectorsWaiting.addAndGet(more);
  }

  /** Counts vectors that were written. */
  public void vectorsMade(long count) {
    vectorsMade.add(count);
    vectorsWaiting.addAndGet(-count);
  }

  /** How far vectors of that space are. */
  public Status.Vectors vectors(String space) {
    return new Status.Vectors(
        space, vectorItems, vectorsWaiting.get(), vectorsMade.total(), vectorsMade.perSecond());
  }

  private record Applied(AppliedState state, long latency) {}

  private static final class TableMeter {
    private final RateMeter rows = new RateMeter();
    private volatile long doneRows;
    private volatile long doneBytes;
    private volatile long bytes;
    private volatile long estimatedRows;
  }

  public void phase(String now) {
    phase = now;
  }

  public String phase() {
    return phase;
  }

  public void error(String message) {
    lastError = message;
  }

  public void stage(Status.Stage stage) {
    stages.put(stage.name(), stage);
  }

  /** Sets what is known of a table's snapshot. */
  public synchronized void table(TableProgress progress) {
    TableMeter meter = tables.computeIfAbsent(progress.table(), unused -> new TableMeter());
    meter.doneRows = progress.rows();
    meter.doneBytes = progress.bytesDone();
    meter.bytes = progress.bytes();
    meter.estimatedRows = progress.estimatedRows();
  }

  /** Counts a table's rows as they are read. */
  public synchronized void rowsRead(String table, long rows) {
    tables.computeIfAbsent(table, unused -> new TableMeter()).rows.add(rows);
  }

  /** Counts a chunk that is done. */
  public synchronized void chunkDone(String table, long rows, long bytes) {
    TableMeter meter = tables.computeIfAbsent(table, unused -> new TableMeter());
    meter.doneRows += rows;
    meter.doneBytes += bytes;
  }

  public void captured(long changes, long inTransactions, long alreadyThere) {
    captured.add(changes);
    transactions.add(inTransactions);
    skipped.add(alreadyThere);
  }

  public void markWritten(String nonce, long log) {
    newestMark = nonce;
    newestMarkLog = log;
  }

  /** Counts changes that were committed in the target. */
  public void applied(long changes) {
    appliedRate.add(changes);
  }

  /** Records how long a change took from the source's commit to the target's. */
  public void latency(long millis) {
    if (caughtUp) {
      latency.recordValue(Math.max(0, Math.min(millis, 3_600_000)));
    }
  }

  /** Sets where the target is with a partition. */
  public void applied(AppliedState state, long now) {
    Applied before = applied.get(state.partition());
    if (before == null || !before.state.mark().equals(state.mark())) {
      applied.put(state.partition(), new Applied(state, now - state.markSentAt()));
    }
  }

  /** How far the target is behind. */
  public Status.Lag lag(int partitions, long now) {
    if (applied.size() < partitions || newestMark.isEmpty()) {
      return new Status.Lag(-1, -1);
    }
    long ms = 0;
    long bytes = 0;
    for (Applied partition : applied.values()) {
      AppliedState state = partition.state;
      if (state.markSentAt() == 0) {
        return new Status.Lag(-1, -1);
      }
      ms = Math.max(ms, partition.latency);
      // A mark that is overdue says that everything behind it is late too.
      ms = Math.max(ms, now - state.markSentAt() - heartbeatMillis);
      if (!state.mark().equals(newestMark)) {
        bytes = Math.max(bytes, newestMarkLog - state.markLog());
      }
    }
    Status.Lag lag = new Status.Lag(Math.max(0, bytes), Math.max(0, ms));
    if (lag.ms() < CAUGHT_UP_MS) {
      caughtUp = true;
    }
    return lag;
  }

  /** The snapshot's tables. */
  public synchronized List<Status.Table> tables() {
    List<Status.Table> all = new ArrayList<>();
    tables.forEach((name, meter) -> all.add(table(name, meter)));
    return all;
  }

  private static Status.Table table(String name, TableMeter meter) {
    boolean done = meter.doneBytes >= meter.bytes;
    double percent = meter.bytes == 0 ? 100 : Math.min(100, 100.0 * meter.doneBytes / meter.bytes);
    long rate = meter.rows.perSecond();
    long read = Math.max(meter.doneRows, meter.rows.total());
    if (!done && meter.estimatedRows > 0) {
      percent = Math.max(percent, Math.min(99, 100.0 * read / meter.estimatedRows));
    }
    long left = Math.max(0, meter.estimatedRows - read);
    long eta = done ? 0 : rate == 0 || percent < 2 ? -1 : left / rate;
    return new Status.Table(
        name,
        done ? meter.doneRows : read,
        meter.estimatedRows,
        Math.round(percent * 10) / 10.0,
        done ? 0 : rate,
        eta);
  }

  public Status.Rates rates() {
    return new Status.Rates(captured.perSecond(), appliedRate.perSecond());
  }

  public Status.Latency latency() {
    return new Status.Latency(latency.getValueAtPercentile(50), latency.getValueAtPercentile(99));
  }

  public Status.Counts counts() {
    return new Status.Counts(
        transactions.total(), captured.total(), appliedRate.total(), skipped.total());
  }

  public List<Status.Stage> stages() {
    return stages.values().stream()
        .sorted(java.util.Comparator.comparing(Status.Stage::name))
        .toList();
  }

  public String lastError() {
    return lastError;
  }
}
