package dev.segue.postgres;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.Cutoff;
import dev.segue.spi.LogHealth;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Watermark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The source's promise to keep its log for a migration. */
final class ReplicationSlot {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationSlot.class);

  private final PostgresConnections connections;
  private final PostgresNames names;

  ReplicationSlot(PostgresConnections connections, PostgresNames names) {
    this.connections = connections;
    this.names = names;
  }

  /** A slot that was just made, with the view of the database as of that moment. */
  record Created(Connection holder, String consistentPoint, String snapshot) {}

  /**
   * Makes the slot. The server waits for every transaction that is open now; what it waits for is
   * told to {@code progress}.
   */
  Created create(int serverVersion, Consumer<String> progress) {
    Connection replication = connections.openReplication();
    try (Watcher watcher = new Watcher(progress)) {
      watcher.start();
      String options = serverVersion >= 150000 ? "(SNAPSHOT 'export')" : "EXPORT_SNAPSHOT";
      try (Statement statement = replication.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "CREATE_REPLICATION_SLOT " + names.slot() + " LOGICAL pgoutput " + options)) {
        rows.next();
        return new Created(
            replication, rows.getString("consistent_point"), rows.getString("snapshot_name"));
      }
    } catch (SQLException e) {
      PostgresConnections.close(replication);
      throw PostgresFaults.translate(
          e, "creating replication slot " + names.slot() + " on " + connections.describe());
    }
  }

  /** Whether a slot of our name exists. */
  boolean exists() {
    return connections.with(
        "looking for the replication slot",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT 1 FROM pg_replication_slots WHERE slot_name = ?")) {
            statement.setString(1, names.slot());
            try (ResultSet rows = statement.executeQuery()) {
              return rows.next();
            }
          }
        });
  }

  void drop() {
    connections.with(
        "dropping replication slot " + names.slot(),
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                      + " WHERE slot_name = ?")) {
            statement.setString(1, names.slot());
            return statement.execute();
          }
        });
  }

  /** Ends a session of ours that still reads the slot, so that a new one can. */
  void release() {
    connections.with(
        "releasing replication slot " + names.slot(),
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT pg_terminate_backend(s.active_pid, 5000) FROM pg_replication_slots s"
                      + " WHERE s.slot_name = ? AND s.active_pid IS NOT NULL")) {
            statement.setString(1, names.slot());
            try (ResultSet rows = statement.executeQuery()) {
              if (rows.next()) {
                LOG.atInfo().addKeyValue("slot", names.slot()).log("ended its former reader");
              }
            }
          }
          return null;
        });
  }

  /**
   * Makes sure that no change can be missing between the topic and what the slot will bring.
   *
   * @return where the slot goes on
   */
  long checkContinuous(Cutoff cutoff, Optional<Watermark> watermark) {
    return connections.with(
        "checking replication slot " + names.slot(),
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT confirmed_flush_lsn::text, coalesce(wal_status, 'reserved'), plugin,"
                      + " database = current_database()"
                      + " FROM pg_replication_slots WHERE slot_name = ?")) {
            statement.setString(1, names.slot());
            try (ResultSet rows = statement.executeQuery()) {
              if (!rows.next()) {
                throw gap("does not exist any more");
              }
              if (rows.getString(2).equals("lost")) {
                throw gap("is lost (wal_status): the server threw its log away");
              }
              if (!rows.getString(3).equals("pgoutput") || !rows.getBoolean(4)) {
                throw gap("belongs to another database or plugin");
              }
              long confirmed = SourcePosition.parseLog(rows.getString(1));
              long allowed = reached(cutoff, watermark);
              if (Long.compareUnsigned(confirmed, allowed) > 0) {
                throw gap(
                    "is at "
                        + rows.getString(1)
                        + ", but only changes up to "
                        + SourcePosition.formatLog(allowed)
                        + " were captured: it was made anew or moved by somebody else");
              }
              return confirmed;
            }
          }
        });
  }

  /**
   * Up to where a slot may have been confirmed without a change being lost. The server brings every
   * transaction that commits behind that place as a whole. So it may lie anywhere before the commit
   * of the transaction that was captured last: all that committed by then came before it.
   */
  static long reached(Cutoff cutoff, Optional<Watermark> watermark) {
    long begin = SourcePosition.parseLog(cutoff.log());
    return watermark
        .map(
            last ->
                LongStream.of(
                        begin,
                        last.reach().confirmable(),
                        last.position().after(),
                        last.position().address())
                    .reduce(
                        begin, (one, other) -> Long.compareUnsigned(one, other) < 0 ? other : one))
        .orElse(begin);
  }

  private SystemFault gap(String what) {
    return SystemFault.permanent(
        "replication slot " + names.slot() + " on " + connections.describe() + " " + what,
        "changes are missing that cannot be had again: start over with an empty target and a new"
            + " name in migration.yaml (and raise max_slot_wal_keep_size on the source)");
  }

  LogHealth health() {
    return connections.with(
        "looking at replication slot " + names.slot(), connection -> health(connection, names));
  }

  static LogHealth health(Connection connection, PostgresNames names) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT coalesce(wal_status, 'reserved'), active,"
                + " coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,"
                + " coalesce(confirmed_flush_lsn::text, '')"
                + " FROM pg_replication_slots WHERE slot_name = ?")) {
      statement.setString(1, names.slot());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? new LogHealth(
                names.slot(),
                rows.getString(1),
                rows.getBoolean(2),
                rows.getLong(3),
                rows.getString(4))
            : new LogHealth(names.slot(), "missing", false, 0, "");
      }
    }
  }

  /** Tells what slot creation waits for, while it does. */
  private final class Watcher implements AutoCloseable {
    private final Thread thread;

    Watcher(Consumer<String> progress) {
      thread = new Thread(() -> watch(progress), "segue-slot-watcher");
      thread.setDaemon(true);
    }

    void start() {
      thread.start();
    }

    private void watch(Consumer<String> progress) {
      try {
        while (true) {
          Thread.sleep(3000);
          progress.accept(
              connections.with("looking for open transactions", ReplicationSlot::waitingFor));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }

  /** The transactions that are open, for messages. */
  static String waitingFor(Connection connection) throws SQLException {
    StringBuilder text = new StringBuilder("waiting for transactions that are open:");
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT 'pid ' || pid || ' (' || usename || ', ' || application_name || ') since '"
                    + " || date_trunc('second', now() - xact_start) FROM pg_stat_activity"
                    + " WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
                    + " UNION ALL SELECT 'prepared transaction ' || gid FROM pg_prepared_xacts"
                    + " LIMIT 5")) {
      while (rows.next()) {
        text.append("\n  ").append(rows.getString(1));
      }
    }
    return text.toString();
  }
}
