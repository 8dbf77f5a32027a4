package dev.segue.replay;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.CanonicalCodec;
import dev.segue.kafka.KafkaFaults;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The sessions that the topic of canonical changes tells of, from a moment on. */
public final class ChangedSessions {
  private final KafkaSettings kafka;
  private final Topics topics;
  private final int partitions;

  public ChangedSessions(KafkaSettings kafka, Topics topics, int partitions) {
    this.kafka = kafka;
    this.topics = topics;
    this.partitions = partitions;
  }

  /** Those until now; empty if a table was emptied, so that it may be any. */
  public Optional<Set<String>> since(Since since) {
    Set<String> sessions = new TreeSet<>();
    List<TopicPartition> all =
        IntStream.range(0, partitions)
            .mapToObj(p -> new TopicPartition(topics.canonical(), p))
            .toList();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
      consumer.assign(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      seek(consumer, all, since);
      while (all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          CanonicalChange change = CanonicalCodec.readChange(record.value());
          if (change instanceof CanonicalChange.Truncate && isMeant(change, since)) {
            return Optional.empty();
          }
          if (change.sessionId() != null && isMeant(change, since)) {
            sessions.add(change.sessionId());
          }
        }
      }
      return Optional.of(sessions);
    } catch (KafkaException e) {
      throw KafkaFaults.translate(e, "reading the topic of canonical changes");
    }
  }

  private static boolean isMeant(CanonicalChange change, Since since) {
    return !(since instanceof Since.Log log)
        || Long.compareUnsigned(change.position().address(), log.address()) >= 0;
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> all, Since since) {
    if (!(since instanceof Since.Time time)) {
      consumer.seekToBeginning(all);
      return;
    }
    Map<TopicPartition, Long> from = new HashMap<>();
    all.forEach(partition -> from.put(partition, time.time().toEpochMilli()));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(from);
    for (TopicPartition partition : all) {
      OffsetAndTimestamp offset = found.get(partition);
      if (offset == null) {
        consumer.seekToEnd(List.of(partition));
      } else {
        consumer.seek(partition, offset.offset());
      }
    }
  }
}
