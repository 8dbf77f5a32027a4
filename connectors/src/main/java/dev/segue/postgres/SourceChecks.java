package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What has to be so before a PostgreSQL database can be followed, and what will be changed in it.
 */
final class SourceChecks {
  private final String side;
  private final PostgresNames names;
  private final List<Finding> findings = new ArrayList<>();

  SourceChecks(String side, PostgresNames names) {
    this.side = side;
    this.names = names;
  }

  List<Finding> run(Connection connection, LayoutBinding binding, boolean prepared)
      throws SQLException {
    if (!checkVersion(connection)) {
      return findings;
    }
    checkServer(connection, prepared);
    checkRole(connection);
    for (TableBinding table : binding.tables()) {
      checkTable(connection, binding, table);
    }
    for (TableBinding table : binding.tables()) {
      boolean legible = findings.stream().noneMatch(Finding::isError);
      if (legible && !binding.before(table).isEmpty()) {
        findings.addAll(new ArchiveChecks(side, binding, table).run(connection, prepared));
      }
    }
    if (!prepared) {
      announce(binding);
    }
    return findings;
  }

  private boolean checkVersion(Connection connection) throws SQLException {
    int version = setting(connection, "server_version_num");
    if (version < 140000) {
      error(
          "PostgreSQL " + version / 10000 + " is too old: its pgoutput carries no logical messages",
          "upgrade the source to PostgreSQL 14 or later");
      return false;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT pg_is_in_recovery(), pg_encoding_to_char(encoding)"
                    + " FROM pg_database WHERE datname = current_database()")) {
      rows.next();
      if (rows.getBoolean(1)) {
        error(
            "is a standby; a snapshot can be exported and marks can be written only on a primary",
            "put the primary's host into source.url");
        return false;
      }
      if (!rows.getString(2).equals("UTF8")) {
        error(
            "has encoding " + rows.getString(2) + "; logical decoding is supported for UTF8 only",
            "move the data into a database with ENCODING 'UTF8' first");
      }
    }
    return true;
  }

  private static int setting(Connection connection, String name) throws SQLException {
    return Integer.parseInt(textSetting(connection, name));
  }

  private static String textSetting(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT setting FROM pg_settings WHERE name = ?")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getString(1) : "0";
      }
    }
  }

  private void checkServer(Connection connection, boolean prepared) throws SQLException {
    String level = textSetting(connection, "wal_level");
    if (!level.equals("logical")) {
      error(
          "wal_level is " + level + ", must be logical",
          "ALTER SYSTEM SET wal_level = logical;  -- then restart the server");
    }
    int slots = setting(connection, "max_replication_slots");
    int senders = setting(connection, "max_wal_senders");
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM pg_replication_slots),"
                    + " (SELECT count(*) FROM pg_stat_replication)")) {
      rows.next();
      if (!prepared && rows.getInt(1) >= slots) {
        error(
            "no free replication slot: " + rows.getInt(1) + " of " + slots + " are taken",
            "drop one that is not needed (SELECT * FROM pg_replication_slots), or: ALTER SYSTEM"
                + " SET max_replication_slots = "
                + (slots + 4)
                + ";  -- then restart the server");
      }
      if (rows.getInt(2) >= senders) {
        error(
            "no free WAL sender: " + rows.getInt(2) + " of " + senders + " are taken",
            "ALTER SYSTEM SET max_wal_senders = "
                + (senders + 4)
                + ";  -- then restart the server");
      }
    }
    long idle = setting(connection, "idle_replication_slot_timeout");
    if (idle > 0 && idle < 86_400) {
      findings.add(
          Finding.warning(
              side,
              "idle_replication_slot_timeout is "
                  + idle
                  + " s: a longer stop of Segue loses the slot",
              "ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf()"));
    }
    String keep = textSetting(connection, "max_slot_wal_keep_size");
    if (!keep.equals("-1")) {
      findings.add(
          Finding.warning(
              side,
              "max_slot_wal_keep_size is " + keep + " MB: falling further behind loses the slot",
              "ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf()"));
    }
  }

  private void checkRole(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT rolname, rolsuper, rolreplication OR rolsuper,"
                    + " has_database_privilege(current_database(), 'CREATE'),"
                    + " quote_ident(current_database())"
                    + " FROM pg_roles WHERE rolname = current_user")) {
      rows.next();
      String role = TableId.quote(rows.getString(1));
      if (!rows.getBoolean(3)) {
        error(
            "role " + rows.getString(1) + " may not replicate",
            "ALTER ROLE " + role + " REPLICATION");
      }
      if (!rows.getBoolean(4)) {
        error(
            "role " + rows.getString(1) + " may not create a publication",
            "GRANT CREATE ON DATABASE " + rows.getString(5) + " TO " + role);
      }
    }
  }

  private void checkTable(Connection connection, LayoutBinding all, TableBinding binding)
      throws SQLException {
    TableId id = binding.table().id();
    String name = side + " " + id;
    if (binding.table().primaryKey().isEmpty()) {
      findings.add(
          Finding.error(
              name,
              "has no primary key, so its changes cannot be told apart",
              "ALTER TABLE " + id + " ADD PRIMARY KEY (…)"));
      return;
    }
    binding.table().columns().stream()
        .filter(Column::virtual)
        .filter(column -> ReplicaIdentity.needed(all, binding, names).isPresent())
        .findFirst()
        .ifPresent(
            column ->
                findings.add(
                    Finding.error(
                        name,
                        "needs REPLICA IDENTITY FULL ("
                            + ReplicaIdentity.needed(all, binding, names).get()
                            + "), under which the server refuses updates of a table with the virtual"
                            + " column "
                            + column.name(),
                        "make the column STORED")));
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT c.relreplident, row_security_active(c.oid), c.relkind, c.relpersistence,
                   pg_has_role(c.relowner, 'USAGE'), has_table_privilege(c.oid, 'SELECT'),
                   pg_get_userbyid(c.relowner), current_user,
                   pg_relation_is_publishable(c.oid)
            FROM pg_class c WHERE c.oid = ?::regclass
            """)) {
      statement.setString(1, id.sql());
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        String role = TableId.quote(rows.getString(8));
        if (!rows.getBoolean(6)) {
          findings.add(
              Finding.error(name, "role may not read it", "GRANT SELECT ON " + id + " TO " + role));
        }
        if (!rows.getBoolean(5)) {
          findings.add(
              Finding.error(
                  name,
                  "belongs to "
                      + rows.getString(7)
                      + "; only its owner may publish it or set its replica identity",
                  "GRANT " + TableId.quote(rows.getString(7)) + " TO " + role));
        }
        if (rows.getBoolean(2)) {
          findings.add(
              Finding.error(
                  name,
                  "has row level security, which would hide rows from the snapshot",
                  "ALTER ROLE " + role + " BYPASSRLS"));
        }
        if (!"df".contains(rows.getString(1))
            && ReplicaIdentity.needed(all, binding, names).isEmpty()) {
          findings.add(
              Finding.error(
                  name,
                  "has a replica identity other than its primary key, so that changes would not"
                      + " tell it",
                  "ALTER TABLE " + id + " REPLICA IDENTITY DEFAULT"));
        }
        if (!rows.getBoolean(9) && !rows.getString(4).equals("u")) {
          findings.add(
              Finding.error(
                  name,
                  "cannot be published, so its changes would never arrive (a system table, or made"
                      + " in single user mode)",
                  "copy it into a table made by CREATE TABLE"));
        }
        if (rows.getString(4).equals("u")) {
          findings.add(
              Finding.error(
                  name,
                  "is unlogged, so its changes are not in the log",
                  "ALTER TABLE " + id + " SET LOGGED"));
        }
        if (rows.getString(3).equals("p")) {
          findings.add(
              Finding.warning(
                  name,
                  "is partitioned: TRUNCATE or DETACH of a single partition is not in the log",
                  "use DELETE instead while the migration runs, and give a new partition REPLICA"
                      + " IDENTITY FULL when it is made"));
        }
      }
    }
  }

  private void announce(LayoutBinding binding) {
    findings.add(
        Finding.change(side, "CREATE PUBLICATION " + names.publication() + tables(binding)));
    for (TableBinding table : binding.tables()) {
      ReplicaIdentity.needed(binding, table, names)
          .ifPresent(
              reason ->
                  findings.add(
                      Finding.change(
                          side + " " + table.table().id(),
                          "REPLICA IDENTITY FULL, because " + reason)));
    }
    findings.add(Finding.change(side, "logical replication slot " + names.slot()));
  }

  private static String tables(LayoutBinding binding) {
    return binding.tables().stream()
        .map(table -> table.table().id().toString())
        .collect(Collectors.joining(", ", " FOR TABLE ", ""));
  }

  private void error(String message, String remedy) {
    findings.add(Finding.error(side, message, remedy));
  }
}
