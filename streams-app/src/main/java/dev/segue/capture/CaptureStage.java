package dev.segue.capture;

import dev.segue.canonical.SourcePosition;
import dev.segue.failpoint.Failpoint;
import dev.segue.kafka.KafkaFaults;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.RecordHeaders;
import dev.segue.kafka.Topics;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Reach;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Watermark;
import dev.segue.status.StatusBoard;
import dev.segue.supervision.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the source's log tells into the change topic. A batch and the watermark behind it are
 * one Kafka transaction, and the source may forget a batch only after that; what a restart delivers
 * again is below the watermark and is dropped.
 */
public final class CaptureStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureStage.class);

  private final Source source;
  private final Cutoff cutoff;
  private final KafkaSettings kafka;
  private final Topics topics;
  private final int partitions;
  private final StatusBoard board;
  private volatile ChangeStream stream;
  private volatile boolean stopped;

  public CaptureStage(
      Source source,
      Cutoff cutoff,
      KafkaSettings kafka,
      Topics topics,
      int partitions,
      StatusBoard board) {
    this.source = source;
    this.cutoff = cutoff;
    this.kafka = kafka;
    this.topics = topics;
    this.partitions = partitions;
    this.board = board;
  }

  @Override
  public String name() {
    return "capture";
  }

  @Override
  public void run() {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka.transactionalProducer(topics.captureTransaction()));
    try {
      // From here on an older capture cannot commit anything any more; only then is it safe to ask
      // how far it came.
      producer.initTransactions();
      WatermarkStore store = new WatermarkStore(kafka, topics);
      Optional<Watermark> watermark = store.read();
      watermark.ifPresent(
          w -> LOG.atInfo().addKeyValue("position", w.position()).log("capture goes on behind"));
      ChangeStream changes = source.changes(cutoff);
      stream = changes;
      if (!stopped) {
        changes.run(watermark, new Writer(producer, store, watermark));
      }
    } catch (KafkaException e) {
      throw KafkaFaults.translate(e, "capture writing to Kafka");
    } finally {
      producer.close(Duration.ofSeconds(5));
    }
  }

  @Override
  public void stop() {
    stopped = true;
    ChangeStream running = stream;
    if (running != null) {
      running.close();
    }
  }

  /** Turns batches into transactions. */
  private final class Writer implements ChangeStream.BatchHandler {
    private final KafkaProducer<byte[], byte[]> producer;
    private final WatermarkStore store;
    private Watermark watermark;
    private boolean replaying;
    private long transaction = -1;

    Writer(
        KafkaProducer<byte[], byte[]> producer,
        WatermarkStore store,
        Optional<Watermark> watermark) {
      this.producer = producer;
      this.store = store;
      this.watermark = watermark.orElse(null);
      this.replaying = watermark.isPresent();
    }

    @Override
    public void handle(List<ChangeEvent> events, Reach reach) {
      int from = replaying ? skip(events) : 0;
      if (from == events.size()) {
        board.captured(0, 0, from);
        return;
      }
      try {
        producer.beginTransaction();
        int newTransactions = 0;
        for (ChangeEvent event : events.subList(from, events.size())) {
          if (event.transaction() != transaction) {
            transaction = event.transaction();
            newTransactions++;
          }
          send(event);
        }
        ChangeEvent last = events.get(events.size() - 1);
        Watermark next = new Watermark(last.position(), last.transaction(), reach, cutoff.log());
        send(store.record(next));
        Failpoint.CAPTURE_BEFORE_KAFKA_COMMIT.hit();
        producer.commitTransaction();
        watermark = next;
        board.captured(events.size() - from, newTransactions, from);
        Failpoint.CAPTURE_AFTER_KAFKA_COMMIT.hit();
      } catch (KafkaException e) {
        throw KafkaFaults.translate(e, "capture writing to Kafka");
      }
    }

    /** How many of the events are in the topic already. */
    private int skip(List<ChangeEvent> events) {
      int covered = 0;
      while (covered < events.size()) {
        ChangeEvent event = events.get(covered);
        if (!watermark.covers(event.position(), event.transaction())) {
          // The rest is new: the log is in commit order, and the watermark lies behind us.
          replaying = false;
          break;
        }
        covered++;
      }
      return covered;
    }

    private void send(ChangeEvent event) {
      if (event.sessionId().isEmpty()) {
        for (int partition = 0; partition < partitions; partition++) {
          send(record(event, partition, null, event.position()));
        }
        return;
      }
      event
          .departedFrom()
          .ifPresent(
              former -> {
                ProducerRecord<byte[], byte[]> departure =
                    record(event, null, former, event.departure());
                RecordHeaders.put(departure.headers(), RecordHeaders.DEPARTED, "true");
                send(departure);
              });
      send(record(event, null, event.sessionId().get(), event.position()));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
      // Committing the transaction throws what went wrong with any record of it.
      Future<RecordMetadata> unused = producer.send(record);
    }

    private ProducerRecord<byte[], byte[]> record(
        ChangeEvent event, Integer partition, String session, SourcePosition position) {
      if (event.value().length > KafkaSettings.MAX_RECORD - 1024) {
        throw SystemFault.permanent(
            "a change of session "
                + session
                + " has "
                + event.value().length
                + " bytes; a record can have "
                + KafkaSettings.MAX_RECORD,
            "a Kafka record cannot be larger: start over with a new name once that row is shorter");
      }
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topics.changes(),
              partition,
              session == null ? null : session.getBytes(StandardCharsets.UTF_8),
              event.value());
      RecordHeaders.put(record.headers(), RecordHeaders.POSITION, position.toString());
      return record;
    }
  }
}
