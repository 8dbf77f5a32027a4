package dev.segue.topology;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * A session's key, and the partition that it came in by and goes out by: a mark has no session and
 * still must stay in its partition.
 */
record RoutedKey(int partition, String sessionId) {
  /** Writes the session as the topic's key. */
  static final class KeySerializer implements Serializer<RoutedKey> {
    @Override
    public byte[] serialize(String topic, RoutedKey key) {
      return key.sessionId == null ? null : key.sessionId.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Sends a record to the partition that it came in by. */
  static final class SamePartition implements StreamPartitioner<RoutedKey, byte[]> {
    @Override
    public Optional<Set<Integer>> partitions(
        String topic, RoutedKey key, byte[] value, int partitions) {
      return Optional.of(Set.of(key.partition % partitions));
    }
  }
}
