package dev.segue.postgres;

import dev.segue.finding.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Whether a server has a replication origin for each of several sink members. */
final class MemberOrigins {
  private MemberOrigins() {}

  /**
   * Names those that will be made, and says if there is no room for them. Room is counted with what
   * only a superuser may read; for others the member that gets none says so.
   *
   * @param side how the findings name the server
   */
  static List<Finding> check(Connection connection, String side, PostgresNames names, int members)
      throws SQLException {
    List<Finding> findings = new ArrayList<>();
    if (!exists(connection, names.origin(PostgresTarget.originOf(members - 1)))) {
      findings.add(
          Finding.change(side, "a replication origin for each of " + members + " sink members"));
    }
    room(connection, side, names, members).ifPresent(findings::add);
    return findings;
  }

  private static boolean exists(Connection connection, String origin) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1 FROM pg_replication_origin WHERE roname = ?")) {
      statement.setString(1, origin);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static Optional<Finding> room(
      Connection connection, String side, PostgresNames names, int members) throws SQLException {
    String setting =
        connection.getMetaData().getDatabaseMajorVersion() >= 18
            ? "max_active_replication_origins"
            : "max_replication_slots";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT rolsuper, current_setting(?)::int FROM pg_roles WHERE rolname = current_user")) {
      statement.setString(1, setting);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        if (!rows.getBoolean(1)) {
          return Optional.empty();
        }
        int most = rows.getInt(2);
        int free = most - takenByOthers(connection, names);
        int needed = PostgresTarget.originsOf(members);
        return free >= needed
            ? Optional.empty()
            : Optional.of(noRoom(side, members, setting, free, most));
      }
    }
  }

  private static Finding noRoom(String side, int members, String setting, int free, int most) {
    int needed = PostgresTarget.originsOf(members);
    return Finding.error(
        side,
        "sink.members is "
            + members
            + ", which needs "
            + needed
            + " replication origins: "
            + free
            + " of "
            + most
            + " are free",
        "set sink.members: 1; or drop the origins of finished migrations; or: ALTER SYSTEM SET "
            + setting
            + " = "
            + (most + needed)
            + ";  -- then restart the server");
  }

  private static int takenByOthers(Connection connection, PostgresNames names) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT count(*) FROM pg_replication_origin_status WHERE external_id <> ALL (?)")) {
      Object[] ours = IntStream.range(0, PostgresTarget.ORIGINS).mapToObj(names::origin).toArray();
      statement.setArray(1, connection.createArrayOf("text", ours));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }
}
