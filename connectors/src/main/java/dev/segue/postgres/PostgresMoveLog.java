package dev.segue.postgres;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Slice;
import dev.segue.spi.MoveLog;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The moves of slices, as rows of schema {@code segue}. */
final class PostgresMoveLog implements MoveLog {
  private static final String OPEN = "AND report IS NULL";

  private final PostgresConnections connections;
  private final String migration;

  PostgresMoveLog(PostgresConnections connections, String migration) {
    this.connections = connections;
    this.migration = migration;
  }

  @Override
  public void begin(String id, Owner to, Slice slice, String requestedBy) {
    connections.withKept(
        "writing down a move",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "WITH j AS (INSERT INTO segue.journal (migration, phase, detail)"
                      + " VALUES (?, 'move', ?)) INSERT INTO segue.move (migration, id, owner,"
                      + " slots, sessions, held_back, state, detail, requested_by)"
                      + " VALUES (?, ?, ?, ?, ?, ?, 'intended', '', ?)")) {
            statement.setString(1, migration);
            statement.setString(
                2, id + ": " + slice + " to the " + to + ", asked for by " + requestedBy);
            statement.setString(3, migration);
            statement.setString(4, id);
            statement.setString(5, to.toString());
            statement.setArray(6, connection.createArrayOf("int", slice.slots().toArray()));
            statement.setArray(7, texts(connection, slice.sessions()));
            statement.setArray(8, texts(connection, slice.except()));
            statement.setString(9, requestedBy);
            return statement.executeUpdate();
          }
        });
  }

  private static Array texts(Connection connection, Collection<String> values) throws SQLException {
    return connection.createArrayOf("text", values.toArray());
  }

  @Override
  public boolean enter(String id, String from, String to, String detail) {
    return write(id, from, to, detail, null);
  }

  @Override
  public boolean end(String id, String from, String to, String detail, String report) {
    return write(id, from, to, detail, report);
  }

  private boolean write(String id, String from, String to, String detail, String report) {
    // What is decided must not be taken back by a crash.
    return connections.transactKept(
        "writing down a step of a move",
        connection -> {
          int moved = update(connection, id, from, to, detail, report);
          if (moved == 1) {
            journal(connection, id + ": " + to + (detail.isEmpty() ? "" : ", " + detail));
          }
          return moved == 1;
        });
  }

  private int update(
      Connection connection, String id, String from, String to, String detail, String report)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE segue.move SET state = ?, detail = ?, report = ?::jsonb, updated_at = now()"
                + " WHERE migration = ? AND id = ? AND state = ? AND report IS NULL")) {
      statement.setString(1, to);
      statement.setString(2, detail);
      statement.setString(3, report);
      statement.setString(4, migration);
      statement.setString(5, id);
      statement.setString(6, from);
      return statement.executeUpdate();
    }
  }

  private void journal(Connection connection, String detail) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.journal (migration, phase, detail) VALUES (?, 'move', ?)")) {
      statement.setString(1, migration);
      statement.setString(2, detail);
      statement.executeUpdate();
    }
  }

  @Override
  public Optional<Entry> open() {
    return list(OPEN, 1).stream().findFirst();
  }

  /** The same over a session that is there. */
  static Optional<Entry> open(Connection connection, String migration) throws SQLException {
    return list(connection, migration, OPEN, 1).stream().findFirst();
  }

  @Override
  public List<Entry> last(int most) {
    return list("", most);
  }

  private List<Entry> list(String condition, int most) {
    return connections.withKept(
        "reading the moves",
        connection ->
            LedgerSchema.exists(connection)
                ? list(connection, migration, condition, most)
                : List.of());
  }

  private static List<Entry> list(
      Connection connection, String migration, String condition, int most) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT id, owner, slots, sessions, held_back, state, detail, requested_by,"
                + " to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                + " report FROM segue.move WHERE migration = ? "
                + condition
                + " ORDER BY place DESC LIMIT "
                + most)) {
      statement.setString(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.add(entry(rows));
        }
      }
    }
    return entries;
  }

  private static Entry entry(ResultSet rows) throws SQLException {
    Integer[] slots = (Integer[]) rows.getArray("slots").getArray();
    Slice slice =
        new Slice(
            new LinkedHashSet<>(Arrays.asList(slots)),
            set(rows.getArray("sessions")),
            set(rows.getArray("held_back")));
    return new Entry(
        rows.getString("id"),
        Owner.parse(rows.getString("owner")),
        slice,
        rows.getString("state"),
        rows.getString("detail"),
        rows.getString("requested_by"),
        rows.getString(9),
        rows.getString("report"));
  }

  private static Set<String> set(Array array) throws SQLException {
    return new LinkedHashSet<>(Arrays.asList((String[]) array.getArray()));
  }
}
