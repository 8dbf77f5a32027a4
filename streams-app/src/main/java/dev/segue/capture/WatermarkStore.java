package dev.segue.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.canonical.SourcePosition;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.Topics;
import dev.segue.spi.Reach;
import dev.segue.spi.Watermark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The watermark as a record of its own topic, written in the transaction of what it covers. */
final class WatermarkStore {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaSettings settings;
  private final Topics topics;

  WatermarkStore(KafkaSettings settings, Topics topics) {
    this.settings = settings;
    this.topics = topics;
  }

  /** The newest committed watermark. */
  Optional<Watermark> read() {
    TopicPartition partition = new TopicPartition(topics.watermark(), 0);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings.consumer())) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.seekToBeginning(List.of(partition));
      Watermark newest = null;
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          newest = parse(record.value());
        }
      }
      return Optional.ofNullable(newest);
    }
  }

  ProducerRecord<byte[], byte[]> record(Watermark watermark) {
    ObjectNode json = JSON.createObjectNode();
    json.put("position", watermark.position().toString());
    json.put("transaction", watermark.transaction());
    json.put("confirmable", SourcePosition.formatLog(watermark.reach().confirmable()));
    json.put("history", watermark.reach().history());
    json.put("cutoff", watermark.cutoff());
    return new ProducerRecord<>(
        topics.watermark(),
        0,
        topics.migration().getBytes(StandardCharsets.UTF_8),
        json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static Watermark parse(byte[] value) {
    try {
      JsonNode json = JSON.readTree(value);
      return new Watermark(
          SourcePosition.parse(json.get("position").asText()),
          json.get("transaction").longValue(),
          new Reach(
              SourcePosition.parseLog(json.get("confirmable").asText()),
              json.path("history").asText("")),
          json.get("cutoff").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
