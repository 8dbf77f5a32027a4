package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.ownership.HashSlot;
import dev.segue.ownership.Owner;
import dev.segue.relational.TableId;
import dev.segue.spi.Removal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Makes a database ask who owns a session before it accepts a write, and undoes that again. */
final class FenceInstallation {
  private final PostgresConnections connections;
  private final PostgresNames names;
  private final LayoutBinding binding;
  private final Owner side;

  FenceInstallation(
      PostgresConnections connections, PostgresNames names, LayoutBinding binding, Owner side) {
    this.connections = connections;
    this.names = names;
    this.binding = binding;
    this.side = side;
  }

  private String migration() {
    return names.whole();
  }

  /** What {@link #install} is going to make, and what is in its way. */
  List<Finding> check() {
    List<Finding> findings = new ArrayList<>();
    String what = connections.describe();
    findings.add(
        Finding.change(
            what, "tables and functions in schema segue that say who owns a session (cutover)"));
    for (TableBinding table : binding.tables()) {
      TableId id = table.table().id();
      boolean allowed =
          connections.with(
              "checking privileges",
              connection -> {
                try (PreparedStatement statement =
                    connection.prepareStatement(
                        "SELECT has_table_privilege(?::regclass, 'TRIGGER')")) {
                  statement.setString(1, id.sql());
                  try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getBoolean(1);
                  }
                }
              });
      findings.add(
          allowed
              ? Finding.change(
                  what + " " + id,
                  "trigger "
                      + names.fence()
                      + ", which refuses writes to sessions that belong"
                      + " to the other side (cutover)")
              : Finding.error(
                  what + " " + id,
                  "role may not create a trigger on it, which a cutover needs",
                  "GRANT TRIGGER ON " + id + " TO " + TableId.quote(connections.address().user())));
    }
    return findings;
  }

  boolean isInstalled() {
    return connections.with("looking for the fence", this::isInstalled);
  }

  private boolean isInstalled(Connection connection) throws SQLException {
    return FenceSchema.exists(connection)
        && triggers(connection).size() == 2 * binding.tables().size();
  }

  /** Those of ours, as table and name. */
  private List<String> triggers(Connection connection) throws SQLException {
    List<String> found = new ArrayList<>();
    for (TableBinding table : binding.tables()) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(?)"
                  + " AND tgname IN (?, ?) AND NOT tgisinternal")) {
        statement.setString(1, table.table().id().sql());
        statement.setString(2, names.fence());
        statement.setString(3, names.fence() + "_all");
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            found.add(rows.getString(1) + " ON " + table.table().id().sql());
          }
        }
      }
    }
    return found;
  }

  /** Makes whatever is missing. */
  void install(Duration patience, Consumer<String> progress) {
    connections.with(
        "installing the fence",
        connection -> {
          connection.setAutoCommit(false);
          FenceSchema.create(connection);
          insertRows(connection);
          connection.commit();
          connection.setAutoCommit(true);
          List<String> present = triggers(connection);
          for (int place = 0; place < binding.tables().size(); place++) {
            installTriggers(connection, place, present, patience, progress);
          }
          return null;
        });
  }

  private void insertRows(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.side VALUES (?, ?, ?, ?) ON CONFLICT (migration) DO UPDATE"
                + " SET other_side = EXCLUDED.other_side")) {
      statement.setString(1, migration());
      statement.setString(2, side.toString());
      statement.setString(3, side.other().toString());
      statement.setBoolean(4, binding.tables().stream().anyMatch(FenceSchema::spelledAsUuid));
      statement.executeUpdate();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO segue.slot_owner (migration, slot, owner, reads)"
                + " SELECT ?, s, 'source', 'source' FROM generate_series(0, ?) s"
                + " ON CONFLICT DO NOTHING")) {
      statement.setString(1, migration());
      statement.setInt(2, HashSlot.COUNT - 1);
      statement.executeUpdate();
    }
  }

  private void installTriggers(
      Connection connection,
      int place,
      List<String> present,
      Duration patience,
      Consumer<String> progress)
      throws SQLException {
    TableBinding table = binding.tables().get(place);
    String on = " ON " + table.table().id().sql();
    try (Statement statement = connection.createStatement()) {
      statement.execute(FenceSchema.function(names, place, side.toString(), table));
    }
    String call = " EXECUTE FUNCTION segue." + names.fenceFunction(place) + "()";
    if (!present.contains(names.fence() + on)) {
      LockQueue.run(
          connection,
          table.table().id().toString(),
          "CREATE TRIGGER "
              + names.fence()
              + " BEFORE INSERT OR UPDATE OR DELETE"
              + on
              + " FOR EACH ROW"
              + call,
          patience,
          progress);
    }
    if (!present.contains(names.fence() + "_all" + on)) {
      LockQueue.run(
          connection,
          table.table().id().toString(),
          "CREATE TRIGGER "
              + names.fence()
              + "_all BEFORE TRUNCATE"
              + on
              + " FOR EACH STATEMENT"
              + call,
          patience,
          progress);
    }
  }

  /** What is there of it, in the order to remove it. */
  List<Removal> removals() {
    return connections.with(
        "looking for the fence",
        connection -> {
          List<Removal> removals = new ArrayList<>();
          if (!FenceSchema.exists(connection)) {
            return removals;
          }
          removals.add(
              new Removal(
                  connections.describe()
                      + " triggers "
                      + names.fence()
                      + " on "
                      + String.join(
                          ", ", binding.tables().stream().map(t -> t.table().id() + "").toList())
                      + ", and who owns the sessions",
                  () -> connections.with("removing the fence", this::remove)));
          return removals;
        });
  }

  private Object remove(Connection connection) throws SQLException {
    for (String trigger : triggers(connection)) {
      LockQueue.run(
          connection, trigger, "DROP TRIGGER " + trigger, Duration.ofSeconds(60), unused -> {});
    }
    try (Statement statement = connection.createStatement()) {
      for (int place = 0; place < binding.tables().size(); place++) {
        statement.execute("DROP FUNCTION IF EXISTS segue." + names.fenceFunction(place));
      }
    }
    connection.setAutoCommit(false);
    FenceSchema.remove(connection, migration());
    connection.commit();
    return null;
  }
}
