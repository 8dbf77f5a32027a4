package dev.segue.bench.hotpath;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.Applier;
import dev.segue.spi.ChangeTranslator;
import dev.segue.spi.OffsetChange;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * What the sink does with a batch, on a real server: fold, encode, write, commit with the ledger;
 * microseconds for each change. Folding is seen by comparing the two: with few keys most changes of
 * a batch fall away before anything is sent.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ApplyBenchmark {
  private static final int BATCH = 4000;
  private static final int PARTITION = 0;
  private static final int KEYS_WHEN_FEW = 40;

  /** How many different rows a batch has. */
  @Param({"all", "few"})
  private String keys;

  private ChangeTranslator translator;
  private Applier applier;
  private long offset;
  private List<OffsetChange> batch;

  @Setup(Level.Trial)
  public void claim(Specimen specimen) throws SQLException {
    translator = specimen.translator();
    applier = specimen.target().applier(specimen.migration(), specimen.supplies(), 0);
    offset = applier.claim(List.of(PARTITION)).get(PARTITION).nextOffset();
    specimen.empty();
  }

  /** Made anew each time: an offset is applied once. */
  @Setup(Level.Invocation)
  public void fill() {
    batch = new ArrayList<>(BATCH);
    for (int i = 0; i < BATCH; i++) {
      long at = offset + i;
      long message = keys.equals("few") ? i % KEYS_WHEN_FEW : at;
      int session = (int) (message % KEYS_WHEN_FEW);
      SourcePosition position = new SourcePosition(at + 1, at + 2, 1);
      batch.add(
          new OffsetChange(
              PARTITION,
              at,
              translator.translate(Specimen.event(message, session), position, false)));
    }
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Map<Integer, Long> apply() {
    Map<Integer, Long> next =
        applier.apply(batch, Map.of(PARTITION, offset + BATCH), new NoDeadLetters());
    offset = next.get(PARTITION);
    return next;
  }

  @TearDown(Level.Trial)
  public void release() {
    applier.close();
  }

  /** A message that is parked would make the benchmark one of something else. */
  private static final class NoDeadLetters implements Applier.DeadLetterOutlet {
    @Override
    public void put(OffsetChange change, String reason) {
      throw new IllegalStateException(reason);
    }

    @Override
    public void flush() {
      // Nothing was put.
    }
  }
}
