package dev.segue.postgres;

import dev.segue.spi.Connected;
import dev.segue.spi.Standing;
import dev.segue.spi.Watch;

/** Reads how a migration stands, all of it over one session. */
final class PostgresStanding implements Watch<Standing> {
  private final PostgresConnections connections;
  private final Connected open;
  private final String migration;

  PostgresStanding(PostgresConnections connections, String migration) {
    this.connections = connections.brisk();
    this.open = this.connections.stayConnected();
    this.migration = migration;
  }

  @Override
  public Standing look() {
    return connections.withKept(
        "reading how the migration stands",
        connection ->
            LedgerSchema.exists(connection)
                ? new Standing(
                    PostgresLedger.parked(connection, migration),
                    PostgresParityLog.totals(connection, migration),
                    PostgresMoveLog.open(connection, migration))
                : Standing.UNKNOWN);
  }

  @Override
  public void close() {
    open.close();
  }
}
