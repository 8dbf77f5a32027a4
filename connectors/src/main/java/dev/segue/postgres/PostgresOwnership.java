package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import dev.segue.spi.Ownership;
import dev.segue.spi.Removal;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Who may write to a PostgreSQL database, kept by triggers on the tables of its sessions. */
final class PostgresOwnership implements Ownership {
  private static final String SERIALIZATION_FAILURE = "40001";

  private final PostgresConnections connections;
  private final PostgresNames names;
  private final FenceInstallation installation;
  private final boolean spelledAsUuids;

  /** What may write to the database that the direction called {@code names} reads from. */
  PostgresOwnership(
      PostgresConnections connections, PostgresNames names, LayoutBinding binding, Owner side) {
    this.connections = connections;
    this.names = names;
    this.installation = new FenceInstallation(connections, names, binding, side);
    this.spelledAsUuids = binding.tables().stream().anyMatch(FenceSchema::spelledAsUuid);
  }

  private OwnerRows rows(Connection connection) {
    return new OwnerRows(connection, names.whole(), connections.describe());
  }

  @Override
  public List<Finding> check() {
    return installation.check();
  }

  @Override
  public boolean isInstalled() {
    return installation.isInstalled();
  }

  @Override
  public void install(Duration patience, Consumer<String> progress) {
    installation.install(patience, progress);
  }

  @Override
  public List<Removal> removals() {
    return installation.removals();
  }

  @Override
  public Owners read() {
    return connections.withKept(
        "reading who owns the sessions",
        connection ->
            FenceSchema.exists(connection) ? rows(connection).read() : Owners.allAtSource());
  }

  @Override
  public long fence(
      Slice slice, String nonce, Duration pause, Duration patience, Runnable announce) {
    long from =
        fence(
            slice,
            nonce,
            pause,
            patience,
            connection ->
                MarkMessage.emit(
                    connection, names.messagePrefix(), nonce, System.currentTimeMillis()));
    announce.run();
    return from;
  }

  /** Refuses writes to a slice as {@link #fence} does, but writes no barrier into the log. */
  long close(Slice slice, String nonce, Duration pause, Duration patience) {
    return fence(slice, nonce, pause, patience, unused -> {});
  }

  private interface Barrier {
    void write(Connection connection) throws SQLException;
  }

  private long fence(
      Slice slice, String nonce, Duration pause, Duration patience, Barrier barrier) {
    return patiently(
        patience,
        () ->
            connections.transactKept(
                "fencing " + slice,
                connection -> {
                  long from = System.nanoTime();
                  OwnerRows rows = rows(connection);
                  waitBriefly(connection);
                  rows.lock(slice.touchedSlots());
                  name(connection, slice);
                  rows.fence(slice, nonce, pause);
                  barrier.write(connection);
                  return from;
                }));
  }

  private interface Attempt<T> {
    T run() throws SQLException;
  }

  /** Tries again while writers are in the way; between two attempts nobody waits for us. */
  private <T> T patiently(Duration patience, Attempt<T> attempt) {
    long until = System.nanoTime() + patience.toNanos();
    for (long wait = 50; ; wait = Math.min(wait * 2, 1000)) {
      try {
        return attempt.run();
      } catch (SQLException e) {
        throw PostgresFaults.translate(e, "waiting for writers of " + connections.describe());
      } catch (SystemFault e) {
        boolean busy =
            e.getCause() instanceof SQLException cause
                && (LockQueue.isBusy(cause) || SERIALIZATION_FAILURE.equals(cause.getSQLState()));
        if (!busy) {
          throw e;
        }
        if (System.nanoTime() > until) {
          throw SystemFault.passing(
              "writers of "
                  + connections.describe()
                  + " did not end their transactions within "
                  + patience.toMillis()
                  + " ms; "
                  + connections.with("looking who", ReplicationSlot::waitingFor),
              e);
        }
        sleep(wait);
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("interrupted", e);
    }
  }

  /** A session that is named may have no row yet, by which it would have got its name here. */
  private void name(Connection connection, Slice slice) throws SQLException {
    SessionNaming naming = new SessionNaming(names.whole(), spelledAsUuids);
    naming.write(
        connection, Stream.concat(slice.sessions().stream(), slice.except().stream()).toList());
  }

  private static void waitBriefly(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '" + LockQueue.PATIENCE + "'");
    }
  }

  @Override
  public String fencing(String pause) {
    return "UPDATE segue.slot_owner SET moving = …, moving_until = now + "
        + pause
        + " WHERE slot IN (…); pg_logical_emit_message(true, '"
        + names.messagePrefix()
        + "', barrier)";
  }

  @Override
  public boolean seal(String nonce) {
    return connections.transactKept(
        "sealing the fence", connection -> rows(connection).seal(nonce));
  }

  /** Seals a fence, and says whether it had taken hold before the fence's time was up. */
  boolean sealInTime(String nonce) {
    Optional<String> until =
        connections.withKept(
            "reading the fence's time", connection -> rows(connection).endOfFence(nonce));
    return until.isPresent()
        && seal(nonce)
        && connections.withKept(
            "reading the fence's time", connection -> rows(connection).isAhead(until.get()));
  }

  @Override
  public void lift(String nonce) {
    connections.transactKept(
        "lifting the fence",
        connection -> {
          if (FenceSchema.exists(connection)) {
            rows(connection).lift(nonce);
          }
          return null;
        });
  }

  @Override
  public Hold hold(Collection<String> sessions, Duration patience) {
    Slice slice = new Slice(Set.of(), Set.copyOf(sessions), Set.of());
    Connection connection = connections.open();
    try {
      connection.setAutoCommit(false);
      patiently(
          patience,
          () -> {
            try {
              waitBriefly(connection);
              rows(connection).lock(slice.touchedSlots());
              return null;
            } catch (SQLException e) {
              connection.rollback();
              throw PostgresFaults.translate(e, "waiting for writers");
            }
          });
      return new Locked(connection);
    } catch (SQLException e) {
      PostgresConnections.close(connection);
      throw PostgresFaults.translate(e, "waiting for writers of " + connections.describe());
    } catch (SystemFault e) {
      PostgresConnections.close(connection);
      throw e;
    }
  }

  /** The rows of slots, locked by a transaction that stays open. */
  private record Locked(Connection connection) implements Hold {
    @Override
    public boolean isHeld() {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
        return true;
      } catch (SQLException e) {
        return false;
      }
    }

    @Override
    public void close() {
      PostgresConnections.close(connection);
    }
  }

  @Override
  public void give(Slice slice, Owner owner) {
    connections.transactKept(
        "giving " + slice + " to the " + owner,
        connection -> {
          name(connection, slice);
          rows(connection).give(slice, owner);
          return null;
        });
  }

  @Override
  public void reads(Set<Integer> slots, Owner where) {
    connections.transactKept(
        "moving reads",
        connection -> {
          rows(connection).reads(slots, where);
          return null;
        });
  }
}
