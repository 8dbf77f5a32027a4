package dev.segue.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.kafka.KafkaFaults;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.RecordHeaders;
import dev.segue.kafka.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Reads the topic of dead letters. */
public final class DeadLetterReader {
  private final KafkaSettings kafka;
  private final Topics topics;

  public DeadLetterReader(KafkaSettings kafka, Topics topics) {
    this.kafka = kafka;
    this.topics = topics;
  }

  /**
   * The letters of one session, oldest first; each once, although it may have been kept twice.
   *
   * @param values whether to tell what they say
   */
  public List<DeadLetter> of(String session, boolean values, int most) {
    Map<String, DeadLetter> found = new LinkedHashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer())) {
      List<TopicPartition> all = new ArrayList<>();
      for (PartitionInfo partition : consumer.partitionsFor(topics.deadLetters())) {
        all.add(new TopicPartition(partition.topic(), partition.partition()));
      }
      consumer.assign(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      consumer.seekToBeginning(all);
      while (found.size() < most
          && all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          String of = record.key() == null ? "" : new String(record.key(), UTF_8);
          if (of.equals(session)) {
            DeadLetter letter = letter(of, record, values);
            found.putIfAbsent(letter.origin(), letter);
          }
        }
      }
      return found.values().stream().limit(most).toList();
    } catch (KafkaException e) {
      throw KafkaFaults.translate(e, "reading dead letters");
    }
  }

  private static DeadLetter letter(
      String session, ConsumerRecord<byte[], byte[]> record, boolean values) {
    return new DeadLetter(
        session,
        RecordHeaders.get(record.headers(), RecordHeaders.STAGE),
        RecordHeaders.get(record.headers(), RecordHeaders.REASON),
        RecordHeaders.get(record.headers(), RecordHeaders.ORIGIN),
        values && record.value() != null ? new String(record.value(), UTF_8) : null);
  }
}
