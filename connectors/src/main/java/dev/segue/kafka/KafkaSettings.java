package dev.segue.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The settings of every client.
 *
 * @param bootstrap host:port, comma separated
 * @param extra passed through to every client: {@code security.protocol}, {@code sasl.*}, …
 */
public record KafkaSettings(String bootstrap, Map<String, String> extra) {
  /** The largest record, in bytes: a transcript entry may hold a whole file. */
  public static final int MAX_RECORD = 64 << 20;

  public KafkaSettings {
    Objects.requireNonNull(bootstrap, "bootstrap");
    extra = Map.copyOf(extra);
  }

  /** What every client has. */
  public Map<String, Object> common() {
    Map<String, Object> all = new HashMap<>(extra);
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    // Clients of an embedded broker lose it for good when the process ends: do not dwell on it.
    all.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2000);
    all.put("enable.metrics.push", "false");
    return all;
  }

  /** A producer that loses and doubles nothing. */
  public Map<String, Object> producer() {
    Map<String, Object> all = common();
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.putAll(producerLimits());
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    return all;
  }

  /** What producers of any library of ours share. */
  public static Map<String, Object> producerLimits() {
    Map<String, Object> all = new HashMap<>();
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    // Every producer here says itself when it is done, by a commit or a flush; until then batches
    // fill.
    all.put(ProducerConfig.LINGER_MS_CONFIG, 500);
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) MAX_RECORD + (16 << 20));
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD);
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    return all;
  }

  /** A producer of one transaction after another, which fences older ones of the same id. */
  public Map<String, Object> transactionalProducer(String transactionalId) {
    Map<String, Object> all = producer();
    all.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    all.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 60_000);
    return all;
  }

  /** A consumer that sees only what was committed and never guesses where to begin. */
  public Map<String, Object> consumer() {
    Map<String, Object> all = common();
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.putAll(consumerLimits());
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return all;
  }

  /** What consumers of any library of ours share; a larger record is still delivered, alone. */
  public static Map<String, Object> consumerLimits() {
    Map<String, Object> all = new HashMap<>();
    all.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
    all.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 << 20);
    all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    return all;
  }
}
