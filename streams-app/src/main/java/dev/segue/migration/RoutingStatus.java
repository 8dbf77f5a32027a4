package dev.segue.migration;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.MoveLog;
import dev.segue.status.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Tells who owns how much, and what is changing hands. */
final class RoutingStatus {
  private RoutingStatus() {}

  /**
   * @param back how the way back is; null where there is none, or nobody runs it
   */
  static Status.Routing of(Owners owners, Optional<MoveLog.Entry> move, Status.WayBack back) {
    return new Status.Routing(
        owners.percentOf(Owner.TARGET),
        owners.named().size(),
        move.map(RoutingStatus::move).orElse(null),
        back);
  }

  private static Status.Move move(MoveLog.Entry entry) {
    long seconds = Duration.between(Instant.parse(entry.startedAt()), Instant.now()).toSeconds();
    return new Status.Move(
        entry.id(),
        entry.to().toString(),
        entry.slice().toString(),
        entry.state(),
        entry.detail(),
        entry.requestedBy(),
        Math.max(0, seconds));
  }
}
