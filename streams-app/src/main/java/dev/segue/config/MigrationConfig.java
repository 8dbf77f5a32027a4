package dev.segue.config;

import dev.segue.embedding.EmbedderSettings;
import dev.segue.embedding.EmbeddingSpace;
import dev.segue.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@code migration.yaml} says, checked.
 *
 * @param heartbeat between two marks in the source's log
 * @param verifyContinuously whether sessions that are written to are compared all the time
 * @param vectors which vectors both sides have; empty if that is not said
 */
public record MigrationConfig(
    String name,
    SystemConfig source,
    SystemConfig target,
    Kafka kafka,
    Path dataDir,
    Snapshot snapshot,
    Duration heartbeat,
    Sink sink,
    boolean verifyContinuously,
    Optional<Vectors> vectors,
    Cutover cutover,
    Listen http) {
  public MigrationConfig {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(kafka, "kafka");
    Objects.requireNonNull(dataDir, "dataDir");
    Objects.requireNonNull(snapshot, "snapshot");
    Objects.requireNonNull(heartbeat, "heartbeat");
    Objects.requireNonNull(sink, "sink");
    Objects.requireNonNull(vectors, "vectors");
    Objects.requireNonNull(cutover, "cutover");
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

  /**
   * How history is copied.
   *
   * @param parallelism ranges copied at a time
   * @param chunk bytes of a table copied as one piece
   */
  public record Snapshot(int parallelism, long chunk, DeferIndexes deferIndexes) {
    public Snapshot {
      Objects.requireNonNull(deferIndexes, "deferIndexes");
    }
  }

  /** Of which tables of the target the indexes are built behind the rows. */
  public enum DeferIndexes {
    /** Those that get so many rows that it pays. */
    AUTO,
    ALWAYS,
    NEVER
  }

  /**
   * How changes are written.
   *
   * @param members that write at a time, each from partitions of its own
   */
  public record Sink(int members) {}

  /** Which vectors both sides have, and what makes those of the target if they are not the same. */
  public record Vectors(
      EmbeddingSpace source, EmbeddingSpace target, Optional<EmbedderSettings> embedder) {
    public Vectors {
      Objects.requireNonNull(source, "source");
      Objects.requireNonNull(target, "target");
      Objects.requireNonNull(embedder, "embedder");
    }

    /** Whether the source's vectors are of no use at the target. */
    public boolean areMadeAnew() {
      return !target.holds(source);
    }
  }

  /** The vectors, if those of the target are made anew. */
  public Optional<Vectors> vectorsMadeAnew() {
    return vectors.filter(Vectors::areMadeAnew);
  }

  /**
   * What a cutover has to keep to.
   *
   * @param maxPause how long writers of a moved session may be refused
   * @param maxLag how far the receiving side may be behind when a move begins
   * @param requireParity whether moved sessions must be the same on both sides
   * @param routeGrace how long writers of a source that cannot refuse them may go on by a route
   *     that has changed; empty if they do not ask for routes
   * @param rollbackOnDrift whether sessions of the target that differ are given back by themselves
   */
  public record Cutover(
      Duration maxPause,
      Duration maxLag,
      boolean requireParity,
      Optional<Duration> routeGrace,
      boolean rollbackOnDrift,
      Hooks hooks) {
    public Cutover {
      Objects.requireNonNull(routeGrace, "routeGrace");
      Objects.requireNonNull(maxPause, "maxPause");
      Objects.requireNonNull(maxLag, "maxLag");
      Objects.requireNonNull(hooks, "hooks");
    }
  }

  /** Commands that are run around a cutover. */
  public record Hooks(Optional<String> before, Optional<String> after, Optional<String> abort) {}

  /**
   * A host and a port to listen on.
   *
   * @param token what a request that changes anything has to bring; one is made up if there is none
   */
  public record Listen(String host, int port, Optional<Secret> token) {
    public Listen {
      Objects.requireNonNull(host, "host");
      Objects.requireNonNull(token, "token");
    }
  }
}
