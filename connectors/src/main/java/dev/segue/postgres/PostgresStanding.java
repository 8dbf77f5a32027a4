package dev.segue.postgres;

import dev.segue.spi.Standing;
import dev.segue.spi.Watch;

/** Reads how a migration stands, all of it over one session. */
final class PostgresStanding implements Watch<Standing> {
  private final KeptSession session;
  private final String migration;

  PostgresStanding(PostgresConnections connections, String migration) {
    this.session = new KeptSession(connections);
    this.migration = migration;
  }

  @Override
  public Standing look() {
    return session.with(
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
    session.close();
  }
}
