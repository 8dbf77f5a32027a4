package dev.segue.postgres;

import dev.segue.spi.LogHealth;
import dev.segue.spi.Watch;

/** Looks at what the source keeps for us, over one session. */
final class SlotWatch implements Watch<LogHealth> {
  private final KeptSession session;
  private final PostgresNames names;

  SlotWatch(PostgresConnections connections, PostgresNames names) {
    this.session = new KeptSession(connections);
    this.names = names;
  }

  @Override
  public LogHealth look() {
    return session.with(
        "looking at replication slot " + names.slot(),
        connection -> ReplicationSlot.health(connection, names));
  }

  @Override
  public void close() {
    session.close();
  }
}
