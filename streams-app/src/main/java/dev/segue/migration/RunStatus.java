package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.spi.Ledger;
import dev.segue.spi.LogHealth;
import dev.segue.spi.Standing;
import dev.segue.status.Lookout;
import dev.segue.status.Status;
import dev.segue.status.StatusBoard;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Tells how a migration is doing that runs in this process. What the process knows by itself is
 * told as it is now; what stands in the two systems as it was when they last answered, so that
 * nobody who asks waits for a system that hangs.
 */
final class RunStatus implements AutoCloseable {
  /** How long an answer may wait for a system. Of the second that a person waits, a part. */
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final MigrationConfig config;
  private final StatusBoard board;
  private final Moves moves;
  private final Status.Running running;
  private final Lookout<LogHealth> source;
  private final Lookout<Standing> target;

  RunStatus(
      MigrationConfig config,
      StatusBoard board,
      Systems systems,
      Moves moves,
      Status.Running running) {
    this.config = config;
    this.board = board;
    this.moves = moves;
    this.running = running;
    this.source = new Lookout<>("source", systems.source().watch(), PATIENCE);
    this.target = new Lookout<>("target", systems.target().watch(config.name()), PATIENCE);
  }

  /** Begins to look at the systems. */
  void start() {
    source.start();
    target.start();
  }

  /** How it is doing. */
  Status now() {
    Lookout.Seen<LogHealth> log = source.ask();
    Lookout.Seen<Standing> kept = target.ask();
    Standing standing = kept.what().orElse(Standing.UNKNOWN);
    List<Ledger.Parked> parked = standing.parked();
    long now = System.currentTimeMillis();
    return new Status(
        config.name(),
        board.phase(),
        running,
        board.tables(),
        board.lag(config.kafka().partitions(), now),
        board.rates(),
        board.latency(),
        board.counts(),
        new Status.Parked(
            parked.size(),
            parked.stream().mapToLong(Ledger.Parked::records).sum(),
            parked.stream().limit(10).toList()),
        standing.parity().orElse(null),
        log.what().orElse(null),
        moves.routing(standing.move()),
        config
            .vectorsMadeAnew()
            .map(vectors -> board.vectors(vectors.target().label()))
            .orElse(null),
        board.stages(),
        trouble(log, kept),
        new Status.AsOf(look(log, now), look(kept, now)));
  }

  private String trouble(Lookout.Seen<?> log, Lookout.Seen<?> kept) {
    if (board.lastError() != null) {
      return board.lastError();
    }
    return log.trouble() != null
        ? "source: " + log.trouble()
        : kept.trouble() != null ? "target: " + kept.trouble() : null;
  }

  private static Status.Look look(Lookout.Seen<?> seen, long now) {
    return seen.at() == 0
        ? new Status.Look(null, -1, seen.trouble())
        : new Status.Look(
            Instant.ofEpochMilli(seen.at()).toString(),
            Math.max(0, now - seen.at()),
            seen.trouble());
  }

  @Override
  public void close() {
    source.close();
    target.close();
  }
}
