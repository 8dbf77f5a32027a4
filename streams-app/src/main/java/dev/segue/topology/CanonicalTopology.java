package dev.segue.topology;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.failpoint.Failpoint;
import dev.segue.kafka.RecordHeaders;
import dev.segue.kafka.Topics;
import dev.segue.layout.UnmappableRowException;
import dev.segue.spi.ChangeTranslator;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Maps each record by itself. One that cannot be mapped becomes a dead letter, and in its place the
 * canonical topic gets the order to park its session, so that nothing of the session overtakes it.
 */
public final class CanonicalTopology {
  private static final String CHANGES = "changes";
  private static final String MAP = "map";
  private static final String CANONICAL = "canonical";
  private static final String DEAD_LETTERS = "dead-letters";

  private CanonicalTopology() {}

  public static Topology build(Topics topics, ChangeTranslator translator) {
    Topology topology = new Topology();
    topology.addSource(
        AutoOffsetReset.earliest(),
        CHANGES,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        topics.changes());
    CommitPace pace = new CommitPace();
    topology.addProcessor(MAP, () -> new Mapper(translator, pace), CHANGES);
    topology.addSink(
        CANONICAL,
        topics.canonical(),
        new RoutedKey.KeySerializer(),
        new ByteArraySerializer(),
        new RoutedKey.SamePartition(),
        MAP);
    topology.addSink(
        DEAD_LETTERS,
        topics.deadLetters(),
        new RoutedKey.KeySerializer(),
        new ByteArraySerializer(),
        new RoutedKey.SamePartition(),
        MAP);
    return topology;
  }

  /** One record in, one canonical change out. */
  private static final class Mapper implements Processor<byte[], byte[], RoutedKey, byte[]> {
    private final ChangeTranslator translator;
    private final CommitPace pace;
    private ProcessorContext<RoutedKey, byte[]> context;
    private int records;

    Mapper(ChangeTranslator translator, CommitPace pace) {
      this.translator = translator;
      this.pace = pace;
    }

    @Override
    public void init(ProcessorContext<RoutedKey, byte[]> processorContext) {
      context = processorContext;
      pace.keep(context);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      RecordMetadata metadata = context.recordMetadata().orElseThrow();
      String session =
          record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
      RoutedKey key = new RoutedKey(metadata.partition(), session);
      String header = RecordHeaders.get(record.headers(), RecordHeaders.POSITION);
      SourcePosition position = header == null ? null : SourcePosition.parse(header);
      boolean departed = RecordHeaders.get(record.headers(), RecordHeaders.DEPARTED) != null;
      try {
        CanonicalChange change = translator.translate(record.value(), position, departed);
        if (change != null) {
          pace.saw(change);
          forward(record, key, change);
        }
      } catch (UnmappableRowException | MalformedRecordException e) {
        park(record, key, position, metadata, e.getMessage());
      }
      if (++records % 100 == 0) {
        Failpoint.TOPOLOGY_MID_BATCH.hit();
      }
    }

    private void forward(Record<byte[], byte[]> record, RoutedKey key, CanonicalChange change) {
      context.forward(
          new Record<>(key, CanonicalCodec.write(change), record.timestamp()), CANONICAL);
    }

    private void park(
        Record<byte[], byte[]> record,
        RoutedKey key,
        SourcePosition position,
        RecordMetadata metadata,
        String reason) {
      Headers headers = new org.apache.kafka.common.header.internals.RecordHeaders();
      RecordHeaders.put(headers, RecordHeaders.STAGE, "topology");
      RecordHeaders.put(headers, RecordHeaders.REASON, reason);
      RecordHeaders.put(
          headers,
          RecordHeaders.ORIGIN,
          metadata.topic() + "-" + metadata.partition() + "@" + metadata.offset());
      context.forward(new Record<>(key, record.value(), record.timestamp(), headers), DEAD_LETTERS);
      forward(
          record,
          key,
          new CanonicalChange.Park(
              position == null ? SourcePosition.START : position,
              record.timestamp(),
              key.sessionId() == null ? "" : key.sessionId(),
              reason));
    }
  }
}
