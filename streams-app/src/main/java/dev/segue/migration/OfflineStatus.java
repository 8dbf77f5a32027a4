package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.spi.AppliedState;
import dev.segue.spi.Ledger;
import dev.segue.spi.LogHealth;
import dev.segue.spi.SystemFault;
import dev.segue.spi.TableProgress;
import dev.segue.status.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the ledger and the source tell of a migration that no process of this machine runs. */
public final class OfflineStatus {
  private OfflineStatus() {}

  /** The status; empty if the migration never ran. */
  public static Optional<Status> read(MigrationConfig config) {
    try (Systems systems = Systems.connect(config)) {
      Ledger ledger = systems.target().ledger();
      return ledger.find(config.name()).map(migration -> read(systems, ledger, migration));
    }
  }

  private static Status read(Systems systems, Ledger ledger, Ledger.Migration migration) {
    List<Ledger.Parked> parked = ledger.parked();
    LogHealth slot;
    String error = null;
    try {
      slot = systems.source().health();
    } catch (SystemFault e) {
      slot = null;
      error = e.getMessage();
    }
    return new Status(
        migration.identity().name(),
        migration.phase(),
        null,
        tables(ledger),
        lag(ledger),
        new Status.Rates(0, 0),
        new Status.Latency(0, 0),
        new Status.Counts(0, 0, 0, 0),
        new Status.Parked(
            parked.size(),
            parked.stream().mapToLong(Ledger.Parked::records).sum(),
            parked.stream().limit(10).toList()),
        systems.target().parityLog(migration.identity().name()).totals().orElse(null),
        slot,
        routing(systems),
        null,
        List.of(),
        error,
        null);
  }

  private static Status.Routing routing(Systems systems) {
    return RoutingStatus.of(
        systems.atTarget().read(), systems.target().moveLog(systems.there().name()).open(), null);
  }

  private static Status.Lag lag(Ledger ledger) {
    long oldest = ledger.applied().stream().mapToLong(AppliedState::markSentAt).min().orElse(0);
    return new Status.Lag(-1, oldest == 0 ? -1 : System.currentTimeMillis() - oldest);
  }

  private static List<Status.Table> tables(Ledger ledger) {
    List<Status.Table> tables = new ArrayList<>();
    List<Ledger.ChunkState> chunks = ledger.chunks();
    for (TableProgress table : ledger.estimates()) {
      long rows = 0;
      long done = 0;
      long all = 0;
      for (Ledger.ChunkState state : chunks) {
        if (state.chunk().table().equals(table.table())) {
          rows += state.rows();
          all++;
          done += state.done() ? 1 : 0;
        }
      }
      double percent = all == 0 ? 100 : Math.round(1000.0 * done / all) / 10.0;
      tables.add(new Status.Table(table.table(), rows, table.estimatedRows(), percent, 0, -1));
    }
    return tables;
  }
}
