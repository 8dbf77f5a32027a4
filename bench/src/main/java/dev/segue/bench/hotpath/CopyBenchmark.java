package dev.segue.bench.hotpath;

import dev.segue.canonical.Entity;
import dev.segue.spi.Chunk;
import dev.segue.spi.SnapshotWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a reader of history does with the rows of a chunk, on a real server: to the target's
 * columns, into COPY's buffer, sent, taken back; microseconds for each row. The table has no keys
 * then, as while history is copied. Text is what a table takes of which one column has a type
 * without a known binary form.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 15, time = 1)
public class CopyBenchmark {
  private static final int ROWS = 20_000;
  private static final int SESSIONS = 40;
  private static final Chunk CHUNK =
      new Chunk(-1, "public.messages", "public.messages", 0, -1, 8 << 20);

  /** The format. */
  @Param({"binary", "text"})
  private String format;

  private SnapshotWriter writer;
  private List<Entity> messages;

  @Setup(Level.Trial)
  public void open(Specimen specimen) throws SQLException {
    specimen.copyInBinary(format.equals("binary"));
    writer = specimen.target().snapshotWriter(specimen.migration(), specimen.supplies());
    specimen.takeKeysAway();
    messages = new ArrayList<>(ROWS);
    for (int i = 0; i < ROWS; i++) {
      messages.add(specimen.message(i, i % SESSIONS));
    }
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public List<SnapshotWriter.Rejected> copy() {
    writer.begin(CHUNK, false);
    messages.forEach(writer::write);
    List<SnapshotWriter.Rejected> rejected = writer.finish();
    if (!rejected.isEmpty()) {
      throw new IllegalStateException(rejected.get(0).reason());
    }
    writer.rollback();
    return rejected;
  }

  /** Rows that were taken back still take their room. */
  @TearDown(Level.Iteration)
  public void empty(Specimen specimen) throws SQLException {
    specimen.empty();
  }

  @TearDown(Level.Trial)
  public void close() {
    writer.close();
  }
}
