package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What has to be so before a PostgreSQL database can be written to, and what will be made in it.
 */
final class TargetChecks {
  private static final String[] ORIGIN_FUNCTIONS = {
    "pg_replication_origin_create(text)", "pg_replication_origin_session_setup(text)"
  };

  private static final String ORIGIN_DROP = "pg_replication_origin_drop(text)";

  private final String side;
  private final boolean holdsRows;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param holdsRows whether it is the system that rows came from, so that it is full of them
   */
  TargetChecks(String side, boolean holdsRows) {
    this.side = side;
    this.holdsRows = holdsRows;
  }

  /**
   * @param started whether the migration has written to the target before
   */
  List<Finding> run(Connection connection, LayoutBinding binding, boolean started)
      throws SQLException {
    String role = checkServer(connection, started);
    for (TableBinding table : binding.tables()) {
      List<String> needed =
          binding.before(table).isEmpty()
              ? List.of("SELECT", "INSERT", "UPDATE", "DELETE")
              : List.of("SELECT", "DELETE");
      checkTable(connection, table.table().id(), needed, role, started);
    }
    if (!started) {
      findings.add(Finding.change(side, "schema segue, with the migration's bookkeeping"));
      findings.add(Finding.change(side, "a replication origin, named segue_…"));
    }
    return findings;
  }

  private String checkServer(Connection connection, boolean started) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT current_user, pg_is_in_recovery(), rolsuper,
                  current_setting('server_version_num')::int,
                  has_database_privilege(current_database(), 'CREATE'),
                  to_regnamespace('segue') IS NOT NULL, quote_ident(current_database()),
                  has_database_privilege(current_database(), 'TEMPORARY')
                FROM pg_roles WHERE rolname = current_user
                """)) {
      rows.next();
      String role = TableId.quote(rows.getString(1));
      if (!rows.getBoolean(8)) {
        error(
            "role " + rows.getString(1) + " may not create temporary tables",
            "GRANT TEMPORARY ON DATABASE " + rows.getString(7) + " TO " + role);
      }
      if (rows.getBoolean(2)) {
        error("is a standby and takes no writes", "put the primary's host into target.url");
      }
      if (!rows.getBoolean(5) && !rows.getBoolean(6)) {
        error(
            "role " + rows.getString(1) + " may not create schema segue",
            "GRANT CREATE ON DATABASE " + rows.getString(7) + " TO " + role);
      }
      if (!rows.getBoolean(3)) {
        checkReplicaRole(connection, role, rows.getInt(4));
      } else if (!started) {
        checkFreeOrigins(connection, rows.getInt(4));
      }
      return role;
    }
  }

  private void checkReplicaRole(Connection connection, String role, int version)
      throws SQLException {
    if (version < 150000) {
      error(
          "PostgreSQL " + version / 10000 + " lets only superusers set session_replication_role",
          "ALTER ROLE " + role + " SUPERUSER for the time of the migration");
    } else if (!ask(
        connection, "SELECT has_parameter_privilege('session_replication_role', 'SET')")) {
      error(
          "role may not set session_replication_role, so triggers and foreign keys would fire"
              + " a second time",
          "GRANT SET ON PARAMETER session_replication_role TO " + role);
    }
    checkOriginPrivileges(connection, role);
  }

  private void checkFreeOrigins(Connection connection, int version) throws SQLException {
    String setting = version >= 180000 ? "max_active_replication_origins" : "max_replication_slots";
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM pg_replication_origin_status), current_setting('"
                    + setting
                    + "')::int")) {
      rows.next();
      if (rows.getInt(1) + PostgresTarget.originsOf(1) > rows.getInt(2)) {
        error(
            "no free replication origins: "
                + rows.getInt(1)
                + " of "
                + rows.getInt(2)
                + " are taken, "
                + PostgresTarget.originsOf(1)
                + " are needed",
            "drop those of finished migrations (SELECT pg_replication_origin_drop(…)), or: ALTER"
                + " SYSTEM SET "
                + setting
                + " = "
                + (rows.getInt(2) + 10)
                + ";  -- then restart the server");
      }
    }
  }

  private void checkOriginPrivileges(Connection connection, String role) throws SQLException {
    if (!ask(connection, "SELECT has_function_privilege('" + ORIGIN_DROP + "', 'EXECUTE')")) {
      findings.add(
          Finding.warning(
              side,
              "role may not execute "
                  + ORIGIN_DROP
                  + ", so that segue complete could not remove the replication origin",
              "GRANT EXECUTE ON FUNCTION " + ORIGIN_DROP + " TO " + role));
    }
    for (String function : ORIGIN_FUNCTIONS) {
      if (!ask(connection, "SELECT has_function_privilege('" + function + "', 'EXECUTE')")) {
        error(
            "role may not execute " + function + ", by which a later rollback knows our writes",
            "GRANT EXECUTE ON FUNCTION " + function + " TO " + role);
      }
    }
  }

  private static boolean ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  private void checkTable(
      Connection connection, TableId id, List<String> needed, String role, boolean started)
      throws SQLException {
    if (!ask(
        connection,
        "SELECT has_schema_privilege('" + id.schema().replace("'", "''") + "', 'USAGE')")) {
      findings.add(
          Finding.error(
              side + " schema " + id.schema(),
              "role may not use it",
              "GRANT USAGE ON SCHEMA " + id.schema() + " TO " + role));
    }
    StringBuilder missing = new StringBuilder();
    for (String privilege : needed) {
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT has_table_privilege(?::regclass, ?)")) {
        statement.setString(1, id.sql());
        statement.setString(2, privilege);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          if (!rows.getBoolean(1)) {
            missing.append(missing.isEmpty() ? "" : ", ").append(privilege);
          }
        }
      }
    }
    if (!missing.isEmpty()) {
      findings.add(
          Finding.error(
              side + " " + id,
              "role lacks " + missing,
              "GRANT " + missing + " ON " + id + " TO " + role));
    } else if (!started
        && !holdsRows
        && ask(connection, "SELECT EXISTS (SELECT FROM " + id.sql() + ")")) {
      findings.add(
          Finding.error(
              side + " " + id,
              "is not empty; rows of two origins would be mixed",
              "TRUNCATE " + id + "  -- or move into a fresh database"));
    }
    checkRowSecurity(connection, id, role);
    warnOfTriggers(connection, id);
  }

  private void checkRowSecurity(Connection connection, TableId id, String role)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT row_security_active(?::regclass)")) {
      statement.setString(1, id.sql());
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        if (rows.getBoolean(1)) {
          findings.add(
              Finding.error(
                  side + " " + id,
                  "has row level security, which would hide rows from updates and deletes",
                  "ALTER ROLE " + role + " BYPASSRLS"));
        }
      }
    }
  }

  private void warnOfTriggers(Connection connection, TableId id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = ?::regclass AND NOT tgisinternal"
                + " AND tgenabled IN ('R', 'A')")) {
      statement.setString(1, id.sql());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          findings.add(
              Finding.warning(
                  side + " " + id,
                  "trigger " + rows.getString(1) + " fires for replicated rows too",
                  "ALTER TABLE " + id + " ENABLE TRIGGER " + rows.getString(1)));
        }
      }
    }
  }

  private void error(String message, String remedy) {
    findings.add(Finding.error(side, message, remedy));
  }
}
