package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import dev.segue.spi.Ownership;
import dev.segue.spi.Removal;
import dev.segue.spi.SystemFault;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Who may write to a PostgreSQL database, kept by triggers on the tables of its sessions. */
final class PostgresOwnership implements Ownership {
  /**
   * Below the server's own deadlock_timeout of a second: a writer that waits for us while we wait
   * for it is let go before the server ends one of the two.
   */
  private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '400ms'";

  private static final Set<String> IN_THE_WAY = Set.of("55P03", "40P01", "40001");

  private final PostgresConnections connections;
  private final PostgresNames names;
  private final FenceInstallation installation;

  /** What may write to the database that the direction called {@code names} reads from. */
  PostgresOwnership(
      PostgresConnections connections, PostgresNames names, LayoutBinding binding, Owner side) {
    this.connections = connections;
    this.names = names;
    this.installation = new FenceInstallation(connections, names, binding, side);
  }

  private String migration() {
    return names.whole();
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
    return connections.with(
        "reading who owns the sessions",
        connection -> FenceSchema.exists(connection) ? read(connection) : Owners.allAtSource());
  }

  private Owners read(Connection connection) throws SQLException {
    Owners none = Owners.allAtSource();
    List<Owner> slots = new ArrayList<>(none.slots());
    List<Owner> reads = new ArrayList<>(none.reads());
    Map<String, Owner> named = new HashMap<>();
    Set<Integer> moving = new HashSet<>();
    Set<String> movingNamed = new HashSet<>();
    String isMoving = ", moving IS NOT NULL AND moving_until > clock_timestamp()";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT slot, owner, reads"
                + isMoving
                + " FROM segue.slot_owner WHERE migration = ?")) {
      statement.setString(1, migration());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          slots.set(rows.getInt(1), Owner.parse(rows.getString(2)));
          reads.set(rows.getInt(1), Owner.parse(rows.getString(3)));
          if (rows.getBoolean(4)) {
            moving.add(rows.getInt(1));
          }
        }
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT session_id, owner"
                + isMoving
                + " FROM segue.session_owner WHERE migration = ?")) {
      statement.setString(1, migration());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          named.put(rows.getString(1), Owner.parse(rows.getString(2)));
          if (rows.getBoolean(3)) {
            movingNamed.add(rows.getString(1));
          }
        }
      }
    }
    return new Owners(slots, reads, named, moving, movingNamed);
  }

  @Override
  public long fence(Slice slice, String nonce, Duration pause, Duration patience) {
    return patiently(
        patience,
        () ->
            connections.transact(
                "fencing " + slice,
                connection -> {
                  long from = System.nanoTime();
                  fence(connection, slice, nonce, pause);
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
            e.getCause() instanceof SQLException cause && IN_THE_WAY.contains(cause.getSQLState());
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

  private void fence(Connection connection, Slice slice, String nonce, Duration pause)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(LOCK_TIMEOUT);
    }
    lock(connection, slice.touchedSlots());
    String until = "clock_timestamp() + ? * interval '1 millisecond'";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.slot_owner SET moving = ?, moving_until = "
                + until
                + " WHERE migration = ? AND slot = ANY (?)")) {
      statement.setString(1, nonce);
      statement.setLong(2, pause.toMillis());
      statement.setString(3, migration());
      statement.setArray(4, slots(connection, slice.slots()));
      statement.executeUpdate();
    }
    // A fence that is over before it began: they stay whom they belong to.
    named(connection, slice.except(), nonce, "timestamptz '-infinity' + ? * interval '0'", 0);
    named(connection, slice.sessions(), nonce, until, pause.toMillis());
    MarkMessage.emit(connection, names.messagePrefix(), nonce, System.currentTimeMillis());
  }

  /** In the order of their numbers, so that two that lock many never wait for each other. */
  private void lock(Connection connection, Collection<Integer> slots) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "WITH locked AS MATERIALIZED (SELECT slot FROM segue.slot_owner WHERE migration = ?"
                + " AND slot = ANY (?) ORDER BY slot FOR NO KEY UPDATE)"
                + " UPDATE segue.slot_owner s SET epoch = epoch + 1 FROM locked"
                + " WHERE s.migration = ? AND s.slot = locked.slot")) {
      statement.setString(1, migration());
      statement.setArray(2, slots(connection, slots));
      statement.setString(3, migration());
      if (statement.executeUpdate() != slots.size()) {
        throw SystemFault.permanent(
            "schema segue of " + connections.describe() + " lacks rows of its slots",
            "somebody deleted them; restore the database's schema segue from its backup");
      }
    }
  }

  private void named(
      Connection connection, Collection<String> sessions, String nonce, String until, long millis)
      throws SQLException {
    if (sessions.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.session_owner AS n SELECT s.migration, u.id, s.owner, ?, "
                + until
                + " FROM unnest(?::text[]) u(id) JOIN segue.slot_owner s ON s.migration = ?"
                + " AND s.slot = segue.slot_of(u.id)"
                + " ON CONFLICT (migration, session_id) DO UPDATE"
                + " SET moving = EXCLUDED.moving, moving_until = EXCLUDED.moving_until")) {
      statement.setString(1, nonce);
      statement.setLong(2, millis);
      statement.setArray(3, connection.createArrayOf("text", sessions.toArray()));
      statement.setString(4, migration());
      statement.executeUpdate();
    }
  }

  @Override
  public boolean seal(String nonce) {
    return connections.transact(
        "sealing the fence",
        connection -> {
          int sealed = 0;
          int open = 0;
          for (String table : List.of("slot_owner", "session_owner")) {
            String here = " WHERE migration = ? AND moving = ? AND ";
            sealed +=
                update(
                    connection,
                    "UPDATE segue."
                        + table
                        + " SET moving_until = 'infinity'"
                        + here
                        + "moving_until > clock_timestamp()",
                    nonce);
            open +=
                update(
                    connection,
                    "UPDATE segue."
                        + table
                        + " SET moving_until = moving_until"
                        + here
                        + "isfinite(moving_until)",
                    nonce);
          }
          return sealed > 0 && open == 0;
        });
  }

  private int update(Connection connection, String sql, String nonce) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, migration());
      statement.setString(2, nonce);
      return statement.executeUpdate();
    }
  }

  @Override
  public void lift(String nonce) {
    connections.transact(
        "lifting the fence",
        connection -> {
          if (!FenceSchema.exists(connection)) {
            return null;
          }
          update(
              connection,
              "UPDATE segue.slot_owner s SET epoch = epoch + 1 WHERE migration = ? AND EXISTS"
                  + " (SELECT FROM segue.session_owner n WHERE n.migration = s.migration"
                  + " AND n.moving = ? AND segue.slot_of(n.session_id) = s.slot)",
              nonce);
          update(
              connection,
              "UPDATE segue.slot_owner SET moving = NULL, moving_until = NULL, epoch = epoch + 1"
                  + " WHERE migration = ? AND moving = ?",
              nonce);
          update(
              connection,
              "UPDATE segue.session_owner SET moving = NULL, moving_until = NULL"
                  + " WHERE migration = ? AND moving = ?",
              nonce);
          forgetNeedless(connection);
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
              try (Statement statement = connection.createStatement()) {
                statement.execute(LOCK_TIMEOUT);
              }
              lock(connection, slice.touchedSlots());
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

  /** Sessions that go with their slot need no row of their own. */
  private void forgetNeedless(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM segue.session_owner n USING segue.slot_owner s WHERE n.migration = ?"
                + " AND s.migration = n.migration AND s.slot = segue.slot_of(n.session_id)"
                + " AND n.owner = s.owner AND n.moving IS NULL")) {
      statement.setString(1, migration());
      statement.executeUpdate();
    }
  }

  @Override
  public void give(Slice slice, Owner owner) {
    connections.transact(
        "giving " + slice + " to the " + owner,
        connection -> {
          lock(connection, slice.touchedSlots());
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "UPDATE segue.slot_owner SET owner = ?, reads = ?, moving = NULL,"
                      + " moving_until = NULL WHERE migration = ? AND slot = ANY (?)")) {
            statement.setString(1, owner.toString());
            statement.setString(2, owner.toString());
            statement.setString(3, migration());
            statement.setArray(4, slots(connection, slice.slots()));
            statement.executeUpdate();
          }
          owned(connection, slice.sessions(), owner);
          owned(connection, slice.except(), owner.other());
          forgetNeedless(connection);
          return null;
        });
  }

  private void owned(Connection connection, Collection<String> sessions, Owner owner)
      throws SQLException {
    if (sessions.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.session_owner SELECT ?, u.id, ?, NULL, NULL"
                + " FROM unnest(?::text[]) u(id) ON CONFLICT (migration, session_id) DO UPDATE"
                + " SET owner = EXCLUDED.owner, moving = NULL, moving_until = NULL")) {
      statement.setString(1, migration());
      statement.setString(2, owner.toString());
      statement.setArray(3, connection.createArrayOf("text", sessions.toArray()));
      statement.executeUpdate();
    }
  }

  @Override
  public void reads(Set<Integer> slots, Owner where) {
    connections.transact(
        "moving reads",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "UPDATE segue.slot_owner SET reads = ? WHERE migration = ?"
                      + " AND slot = ANY (?)")) {
            statement.setString(1, where.toString());
            statement.setString(2, migration());
            statement.setArray(3, slots(connection, slots));
            return statement.executeUpdate();
          }
        });
  }

  private static Array slots(Connection connection, Collection<Integer> slots) throws SQLException {
    return connection.createArrayOf("int", slots.toArray());
  }
}
