package dev.segue.migration;

import dev.segue.capture.CaptureStage;
import dev.segue.config.MigrationConfig;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.Topics;
import dev.segue.mark.PulseStage;
import dev.segue.sink.AppliedSessions;
import dev.segue.sink.SinkStage;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import dev.segue.spi.Target;
import dev.segue.status.Status;
import dev.segue.status.StatusBoard;
import dev.segue.supervision.Supervisor;
import dev.segue.topology.TopologyStage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The stages of one direction: what the log of one system tells, applied to the other. */
final class Flow implements AutoCloseable {
  /** From its start on, until most of what it runs again and again is compiled. */
  private static final Duration WARMING = Duration.ofSeconds(30);

  private final Direction direction;
  private final MigrationConfig config;
  private final Supplier<KafkaSettings> kafka;
  private final Target.Lease lease;
  private final Topics topics;
  private final StatusBoard board;
  private final Supervisor supervisor;
  private final AppliedSessions applied = new AppliedSessions();
  private final Optional<AppliedSessions.Follower> watched;
  private final List<SinkStage> sinks = new CopyOnWriteArrayList<>();
  private final long began = System.nanoTime();

  /**
   * @param kafka waits until it is ready
   */
  Flow(
      Direction direction,
      MigrationConfig config,
      Supplier<KafkaSettings> kafka,
      Target.Lease lease,
      StatusBoard board) {
    this.direction = direction;
    this.config = config;
    this.kafka = kafka;
    this.lease = lease;
    this.topics = new Topics(direction.name());
    this.board = board;
    this.supervisor = new Supervisor(board, lease::check);
    this.watched = config.verifyContinuously() ? Optional.of(applied.follow()) : Optional.empty();
  }

  Direction direction() {
    return direction;
  }

  /** Waits until it is ready. */
  KafkaSettings kafka() {
    return kafka.get();
  }

  Topics topics() {
    return topics;
  }

  StatusBoard board() {
    return board;
  }

  Supervisor supervisor() {
    return supervisor;
  }

  /** The sessions that the sink changed since the flow began, if they are to be compared. */
  Optional<AppliedSessions.Follower> watched() {
    return watched;
  }

  /** The sessions that the sink changes. */
  AppliedSessions applied() {
    return applied;
  }

  Status.Lag lag() {
    return board.lag(config.kafka().partitions(), System.currentTimeMillis());
  }

  /** For how long still it becomes quicker by itself; zero if it does no longer. */
  Duration warming() {
    Duration left = WARMING.minusNanos(System.nanoTime() - began);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Brings the log into the topics. */
  void follow(Cutoff cutoff) {
    supervisor.start(
        new PulseStage(direction.source(), direction.target(), lease, config.heartbeat(), board));
    supervisor.start(
        new CaptureStage(
            direction.source(), cutoff, kafka(), topics, config.kafka().partitions(), board));
    supervisor.start(
        new TopologyStage(
            kafka(), topics, direction.source().translator(), config.dataDir().resolve("streams")));
  }

  /** Applies what is in the topics. */
  void apply(Ledger.Migration migration) {
    int most = Math.min(direction.target().mostMembers(), config.kafka().partitions());
    for (int i = 0; i < Math.min(config.sink().members(), most); i++) {
      int worker = i;
      SinkStage sink =
          new SinkStage(
              worker,
              kafka(),
              topics,
              () -> direction.target().applier(migration, direction.source().supplies(), worker),
              applied,
              board);
      sinks.add(sink);
      supervisor.start(sink);
    }
  }

  /** Tells the sinks that sessions were taken off those that are parked. */
  void parkingChanged() {
    sinks.forEach(SinkStage::parkingChanged);
  }

  @Override
  public void close() {
    supervisor.close();
  }
}
