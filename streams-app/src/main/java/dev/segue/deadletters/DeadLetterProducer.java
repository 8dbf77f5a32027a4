package dev.segue.deadletters;

import dev.segue.canonical.CanonicalCodec;
import dev.segue.kafka.KafkaFaults;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.RecordHeaders;
import dev.segue.kafka.Topics;
import dev.segue.spi.Applier;
import dev.segue.spi.OffsetChange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Keeps changes of parked sessions; a crash may write a letter twice, under the same origin. */
public final class DeadLetterProducer implements Applier.DeadLetterOutlet, AutoCloseable {
  private final Topics topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<Future<RecordMetadata>> pending = new ArrayList<>();

  public DeadLetterProducer(KafkaSettings kafka, Topics topics) {
    this.topics = topics;
    this.producer = new KafkaProducer<>(kafka.producer());
  }

  @Override
  public void put(OffsetChange change, String reason) {
    put(
        change.change().sessionId(),
        CanonicalCodec.write(change.change()),
        "sink",
        reason,
        topics.canonical() + "-" + change.partition() + "@" + change.offset());
  }

  /** Keeps anything as a dead letter. */
  public void put(String session, byte[] value, String stage, String reason, String origin) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topics.deadLetters(), session.getBytes(StandardCharsets.UTF_8), value);
    RecordHeaders.put(record.headers(), RecordHeaders.STAGE, stage);
    RecordHeaders.put(record.headers(), RecordHeaders.REASON, reason);
    RecordHeaders.put(record.headers(), RecordHeaders.ORIGIN, origin);
    pending.add(producer.send(record));
  }

  @Override
  public void flush() {
    producer.flush();
    try {
      for (Future<RecordMetadata> sent : pending) {
        sent.get();
      }
    } catch (ExecutionException e) {
      throw KafkaFaults.translate(e, "keeping dead letters");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw KafkaFaults.translate(e, "keeping dead letters");
    } finally {
      pending.clear();
    }
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(5));
  }
}
