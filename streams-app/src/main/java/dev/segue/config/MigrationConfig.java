package dev.segue.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@code migration.yaml} says, checked.
 *
 * @param snapshotParallelism ranges copied at a time
 * @param snapshotChunk bytes of a table copied as one piece
 * @param heartbeat between two marks in the source's log
 */
public record MigrationConfig(
    String name,
    SystemConfig source,
    SystemConfig target,
    Kafka kafka,
    Path dataDir,
    int snapshotParallelism,
    long snapshotChunk,
    Duration heartbeat,
    Listen http) {
  public MigrationConfig {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(kafka, "kafka");
    Objects.requireNonNull(dataDir, "dataDir");
    Objects.requireNonNull(heartbeat, "heartbeat");
    Objects.requireNonNull(http, "http");
  }

  /**
   * The broker.
   *
   * @param bootstrap a cluster's; empty for the embedded broker
   */
  public record Kafka(Optional<String> bootstrap, Map<String, String> properties, int partitions) {
    public Kafka {
      Objects.requireNonNull(bootstrap, "bootstrap");
      properties = Map.copyOf(properties);
    }
  }

  /** A host and a port to listen on. */
  public record Listen(String host, int port) {
    public Listen {
      Objects.requireNonNull(host, "host");
    }
  }
}
