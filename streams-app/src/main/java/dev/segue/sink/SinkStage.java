package dev.segue.sink;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.deadletters.DeadLetterProducer;
import dev.segue.kafka.KafkaFaults;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.Topics;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Applier;
import dev.segue.spi.OffsetChange;
import dev.segue.spi.SystemFault;
import dev.segue.status.StatusBoard;
import dev.segue.supervision.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * One member of the sink's group: reads, has the target apply, goes on from what was applied. The
 * group gives each member partitions of its own.
 */
public final class SinkStage implements Stage {
  private static final Duration POLL = Duration.ofMillis(100);

  private final int worker;
  private final KafkaSettings kafka;
  private final Topics topics;
  private final Supplier<Applier> appliers;
  private final AppliedSessions sessions;
  private final StatusBoard board;
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private volatile Applier applying;
  private volatile boolean stopped;

  public SinkStage(
      int worker,
      KafkaSettings kafka,
      Topics topics,
      Supplier<Applier> appliers,
      AppliedSessions sessions,
      StatusBoard board) {
    this.worker = worker;
    this.kafka = kafka;
    this.topics = topics;
    this.appliers = appliers;
    this.sessions = sessions;
    this.board = board;
  }

  @Override
  public String name() {
    return "sink-" + worker;
  }

  @Override
  public void run() throws InterruptedException {
    try (Applier applier = appliers.get();
        DeadLetterProducer deadLetters = new DeadLetterProducer(kafka, topics);
        KafkaConsumer<byte[], byte[]> reading = new KafkaConsumer<>(settings())) {
      consumer = reading;
      applying = applier;
      Loop loop = new Loop(reading, applier, deadLetters);
      reading.subscribe(List.of(topics.canonical()), loop);
      while (!stopped) {
        loop.once();
      }
    } catch (WakeupException e) {
      if (!stopped) {
        throw e;
      }
    } catch (OffsetOutOfRangeException e) {
      throw SystemFault.permanent(
          "the topic of canonical changes does not have the records that come next: "
              + e.offsetOutOfRangePartitions(),
          "restore the broker's data, or start over with an empty target and a new name");
    } catch (KafkaException e) {
      throw KafkaFaults.translate(e, "sink reading from Kafka");
    } finally {
      consumer = null;
      applying = null;
    }
  }

  private Map<String, Object> settings() {
    Map<String, Object> all = kafka.consumer();
    all.put(ConsumerConfig.GROUP_ID_CONFIG, topics.sinkGroup());
    all.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, topics.sinkGroup() + "-" + worker);
    all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    all.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    // The ledger says where to begin; this is read by nobody who goes on from it.
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return all;
  }

  /** Somebody has taken sessions off those that are parked. */
  public void parkingChanged() {
    Applier running = applying;
    if (running != null) {
      running.parkingChanged();
    }
  }

  @Override
  public void stop() {
    stopped = true;
    KafkaConsumer<byte[], byte[]> reading = consumer;
    if (reading != null) {
      reading.wakeup();
    }
  }

  /** Reading and applying, in the consumer's thread. */
  private final class Loop implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> reading;
    private final Applier applier;
    private final DeadLetterProducer deadLetters;

    Loop(KafkaConsumer<byte[], byte[]> reading, Applier applier, DeadLetterProducer deadLetters) {
      this.reading = reading;
      this.applier = applier;
      this.deadLetters = deadLetters;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
      List<Integer> partitions =
          reading.assignment().stream().map(TopicPartition::partition).toList();
      Map<Integer, AppliedState> claimed = applier.claim(partitions);
      for (TopicPartition partition : reading.assignment()) {
        AppliedState state = claimed.get(partition.partition());
        reading.seek(partition, state.nextOffset());
        board.applied(state, System.currentTimeMillis());
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      // Nothing is in hand between two polls, and whoever is next claims the ledger's rows.
    }

    void once() throws InterruptedException {
      ConsumerRecords<byte[], byte[]> records = reading.poll(POLL);
      if (records.isEmpty()) {
        return;
      }
      List<OffsetChange> changes = new ArrayList<>(records.count());
      Map<Integer, Long> through = new HashMap<>();
      for (TopicPartition partition : records.partitions()) {
        for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
          OffsetChange change =
              new OffsetChange(record.partition(), record.offset(), parse(record));
          changes.add(change);
          if (!(change.change() instanceof CanonicalChange.Mark)) {
            // Before it is applied: who sees its barrier passed has to find it here.
            sessions.add(change.change().sessionId());
          }
        }
        through.put(partition.partition(), reading.position(partition));
      }
      Map<Integer, Long> next = applier.apply(changes, through, deadLetters);
      report(changes, next);
      boolean waiting = false;
      for (Map.Entry<Integer, Long> partition : next.entrySet()) {
        if (partition.getValue() < through.get(partition.getKey())) {
          reading.seek(
              new TopicPartition(topics.canonical(), partition.getKey()), partition.getValue());
          waiting = true;
        }
      }
      if (waiting) {
        Thread.sleep(10);
      }
    }

    private CanonicalChange parse(ConsumerRecord<byte[], byte[]> record) {
      try {
        return CanonicalCodec.readChange(record.value());
      } catch (MalformedRecordException e) {
        throw SystemFault.permanent(
            topics.canonical()
                + "-"
                + record.partition()
                + "@"
                + record.offset()
                + " is not a canonical change: "
                + e.getMessage(),
            "somebody else wrote to that topic, or a newer Segue did: stop that, and start over"
                + " with an empty target and a new name");
      }
    }

    private void report(List<OffsetChange> changes, Map<Integer, Long> next) {
      long now = System.currentTimeMillis();
      long applied = 0;
      Map<Integer, CanonicalChange.Mark> marks = new HashMap<>();
      for (OffsetChange change : changes) {
        if (change.offset() >= next.get(change.partition())) {
          continue;
        }
        if (change.change() instanceof CanonicalChange.Mark mark) {
          marks.put(change.partition(), mark);
        } else {
          applied++;
          sessions.committed(change.change());
          if (change.change().committedAt() > 0) {
            board.latency(now - change.change().committedAt());
          }
        }
      }
      board.applied(applied);
      marks.forEach(
          (partition, mark) ->
              board.applied(
                  new AppliedState(
                      partition,
                      0,
                      next.get(partition),
                      mark.position(),
                      mark.nonce(),
                      mark.sentAt(),
                      mark.position().address()),
                  now));
    }
  }
}
