package dev.segue.bench.hotpath;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.layout.RowReader;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Variables;
import dev.segue.layout.Written;
import dev.segue.spi.ChangeTranslator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the topology and the sink do to one message, step by step; microseconds each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MappingBenchmark {
  private static final SourcePosition POSITION = new SourcePosition(24_023_000, 24_023_128, 1);

  private ChangeTranslator translator;
  private RowReader reader;
  private RowWriter writer;
  private byte[] event;
  private String[] row;
  private Entity entity;
  private CanonicalChange change;
  private byte[] canonical;

  @Setup(Level.Trial)
  public void prepare(Specimen specimen) {
    translator = specimen.translator();
    reader = new RowReader(specimen.sourceBinding().of(Kind.MESSAGE).orElseThrow());
    TableBinding to = specimen.targetBinding().of(Kind.MESSAGE).orElseThrow();
    writer =
        new RowWriter(
            to,
            reader.supplied(),
            new Variables("callsphere", "messages", "hotpath", "2026-01-01T00:00:00.000000Z"));
    event = Specimen.event(1, 2);
    row = Specimen.row();
    entity = reader.read(row);
    change = translator.translate(event, POSITION, false);
    canonical = CanonicalCodec.write(change);
  }

  /** Debezium's JSON to a canonical change: parsing, decoding the row, mapping. */
  @Benchmark
  public CanonicalChange decodeAndMap() {
    return translator.translate(event, POSITION, false);
  }

  /** A row of texts to an entity: the mapping alone. */
  @Benchmark
  public Entity mapRow() {
    return reader.read(row);
  }

  /** A canonical change to bytes. */
  @Benchmark
  public byte[] encodeCanonical() {
    return CanonicalCodec.write(change);
  }

  /** Bytes to a canonical change. */
  @Benchmark
  public CanonicalChange decodeCanonical() {
    return CanonicalCodec.readChange(canonical);
  }

  /** An entity to the target's columns. */
  @Benchmark
  public Written writeRow() {
    return writer.write(entity);
  }
}
