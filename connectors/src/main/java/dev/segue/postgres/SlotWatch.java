package dev.segue.postgres;

import dev.segue.spi.Connected;
import dev.segue.spi.LogHealth;
import dev.segue.spi.Watch;

/** Looks at what the source keeps for us, over one session. */
final class SlotWatch implements Watch<LogHealth> {
  private final PostgresConnections connections;
  private final Connected open;
  private final PostgresNames names;

  SlotWatch(PostgresConnections connections, PostgresNames names) {
    this.connections = connections.brisk();
    this.open = this.connections.stayConnected();
    this.names = names;
  }

  @Override
  public LogHealth look() {
    return connections.withKept(
        "looking at replication slot " + names.slot(),
        connection -> ReplicationSlot.health(connection, names));
  }

  @Override
  public void close() {
    open.close();
  }
}
