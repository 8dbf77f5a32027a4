package dev.segue.postgres;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import dev.segue.spi.SystemFault;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rows that say who owns a migration's sessions, in tables {@code segue.slot_owner} and {@code
 * segue.session_owner}. The trigger of every writer reads its session's slot {@code FOR SHARE}.
 * Transactions are the caller's.
 */
final class OwnerRows {
  private final Connection connection;
  private final String migration;
  private final String database;

  /**
   * @param database how messages name it
   */
  OwnerRows(Connection connection, String migration, String database) {
    this.connection = connection;
    this.migration = migration;
    this.database = database;
  }

  Owners read() throws SQLException {
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
      statement.setString(1, migration);
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
      statement.setString(1, migration);
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

  /**
   * Locks slots, so that their writers have ended and no other begins until the transaction ends.
   * In the order of their numbers, so that two that lock many never wait for each other.
   */
  void lock(Collection<Integer> slots) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "WITH locked AS MATERIALIZED (SELECT slot FROM segue.slot_owner WHERE migration = ?"
                + " AND slot = ANY (?) ORDER BY slot FOR NO KEY UPDATE)"
                + " UPDATE segue.slot_owner s SET epoch = epoch + 1 FROM locked"
                + " WHERE s.migration = ? AND s.slot = locked.slot")) {
      statement.setString(1, migration);
      statement.setArray(2, numbers(slots));
      statement.setString(3, migration);
      if (statement.executeUpdate() != slots.size()) {
        throw SystemFault.permanent(
            "schema segue of " + database + " lacks rows of its slots",
            "somebody deleted them; restore the database's schema segue from its backup");
      }
    }
  }

  /** Has the writers of a locked slice be refused, until it is sealed or so long. */
  void fence(Slice slice, String nonce, Duration pause) throws SQLException {
    String until = "clock_timestamp() + ? * interval '1 millisecond'";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.slot_owner SET moving = ?, moving_until = "
                + until
                + " WHERE migration = ? AND slot = ANY (?)")) {
      statement.setString(1, nonce);
      statement.setLong(2, pause.toMillis());
      statement.setString(3, migration);
      statement.setArray(4, numbers(slice.slots()));
      statement.executeUpdate();
    }
    // A fence that is over before it began: they stay whom they belong to.
    fenceNamed(slice.except(), nonce, "timestamptz '-infinity' + ? * interval '0'", 0);
    fenceNamed(slice.sessions(), nonce, until, pause.toMillis());
  }

  private void fenceNamed(Collection<String> sessions, String nonce, String until, long millis)
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
      statement.setArray(3, names(sessions));
      statement.setString(4, migration);
      statement.executeUpdate();
    }
  }

  /** Has a fence that is up stay up; false if it was not, or not all of it. */
  boolean seal(String nonce) throws SQLException {
    int sealed = 0;
    int open = 0;
    for (String table : List.of("slot_owner", "session_owner")) {
      String here = " WHERE migration = ? AND moving = ? AND ";
      sealed +=
          update(
              "UPDATE segue."
                  + table
                  + " SET moving_until = 'infinity'"
                  + here
                  + "moving_until > clock_timestamp()",
              nonce);
      open +=
          update(
              "UPDATE segue."
                  + table
                  + " SET moving_until = moving_until"
                  + here
                  + "isfinite(moving_until)",
              nonce);
    }
    return sealed > 0 && open == 0;
  }

  /** When a fence that is not sealed is over, as the server spells it; empty if there is none. */
  Optional<String> endOfFence(String nonce) throws SQLException {
    String finite = " WHERE migration = ? AND moving = ? AND isfinite(moving_until)";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT min(moving_until)::text FROM (SELECT moving_until FROM segue.slot_owner"
                + finite
                + " UNION ALL SELECT moving_until FROM segue.session_owner"
                + finite
                + ") u")) {
      for (int i = 1; i <= 4; i += 2) {
        statement.setString(i, migration);
        statement.setString(i + 1, nonce);
      }
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return Optional.ofNullable(rows.getString(1));
      }
    }
  }

  /** Whether a time of the server is not over yet. */
  boolean isAhead(String time) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT clock_timestamp() < ?::timestamptz")) {
      statement.setString(1, time);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  private int update(String sql, String nonce) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, migration);
      statement.setString(2, nonce);
      return statement.executeUpdate();
    }
  }

  /** Takes a fence away; owners are whom they were. */
  void lift(String nonce) throws SQLException {
    update(
        "UPDATE segue.slot_owner s SET epoch = epoch + 1 WHERE migration = ? AND EXISTS"
            + " (SELECT FROM segue.session_owner n WHERE n.migration = s.migration"
            + " AND n.moving = ? AND segue.slot_of(n.session_id) = s.slot)",
        nonce);
    update(
        "UPDATE segue.slot_owner SET moving = NULL, moving_until = NULL, epoch = epoch + 1"
            + " WHERE migration = ? AND moving = ?",
        nonce);
    update(
        "UPDATE segue.session_owner SET moving = NULL, moving_until = NULL"
            + " WHERE migration = ? AND moving = ?",
        nonce);
    forgetNeedless();
  }

  /** Names the new owner of a slice; its fence is gone with that. */
  void give(Slice slice, Owner owner) throws SQLException {
    lock(slice.touchedSlots());
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.slot_owner SET owner = ?, reads = ?, moving = NULL,"
                + " moving_until = NULL WHERE migration = ? AND slot = ANY (?)")) {
      statement.setString(1, owner.toString());
      statement.setString(2, owner.toString());
      statement.setString(3, migration);
      statement.setArray(4, numbers(slice.slots()));
      statement.executeUpdate();
    }
    giveNamed(slice.sessions(), owner);
    giveNamed(slice.except(), owner.other());
    forgetNeedless();
  }

  private void giveNamed(Collection<String> sessions, Owner owner) throws SQLException {
    if (sessions.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.session_owner SELECT ?, u.id, ?, NULL, NULL"
                + " FROM unnest(?::text[]) u(id) ON CONFLICT (migration, session_id) DO UPDATE"
                + " SET owner = EXCLUDED.owner, moving = NULL, moving_until = NULL")) {
      statement.setString(1, migration);
      statement.setString(2, owner.toString());
      statement.setArray(3, names(sessions));
      statement.executeUpdate();
    }
  }

  /** Sessions that go with their slot need no row of their own. */
  private void forgetNeedless() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM segue.session_owner n USING segue.slot_owner s WHERE n.migration = ?"
                + " AND s.migration = n.migration AND s.slot = segue.slot_of(n.session_id)"
                + " AND n.owner = s.owner AND n.moving IS NULL")) {
      statement.setString(1, migration);
      statement.executeUpdate();
    }
  }

  /** Says where sessions of slots may be read. */
  void reads(Set<Integer> slots, Owner where) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.slot_owner SET reads = ? WHERE migration = ? AND slot = ANY (?)")) {
      statement.setString(1, where.toString());
      statement.setString(2, migration);
      statement.setArray(3, numbers(slots));
      statement.executeUpdate();
    }
  }

  private Array numbers(Collection<Integer> slots) throws SQLException {
    return connection.createArrayOf("int", slots.toArray());
  }

  private Array names(Collection<String> sessions) throws SQLException {
    return connection.createArrayOf("text", sessions.toArray());
  }
}
