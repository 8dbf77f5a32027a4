package dev.segue.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The tables that the bookkeeping of all migrations into a database is kept in. */
final class LedgerSchema {
  private static final String DDL =
      """
      CREATE SCHEMA IF NOT EXISTS segue;
      CREATE TABLE IF NOT EXISTS segue.migration (
        name text PRIMARY KEY, id text NOT NULL, source_identity text NOT NULL,
        source_layout text NOT NULL, source_fingerprint text NOT NULL,
        target_layout text NOT NULL, target_fingerprint text NOT NULL, partitions int NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(), phase text NOT NULL,
        cutoff_log text, cutoff_horizon text, snapshot_log text, topic text);
      CREATE TABLE IF NOT EXISTS segue.journal (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, migration text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(), phase text NOT NULL, detail text NOT NULL);
      CREATE TABLE IF NOT EXISTS segue.snapshot_table (
        migration text, name text, place int NOT NULL, estimated_rows bigint NOT NULL,
        bytes bigint NOT NULL, PRIMARY KEY (migration, name));
      CREATE TABLE IF NOT EXISTS segue.snapshot_chunk (
        migration text, id int, table_name text NOT NULL, part text NOT NULL,
        from_block bigint NOT NULL, to_block bigint NOT NULL, bytes bigint NOT NULL,
        done boolean NOT NULL DEFAULT false, rows bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (migration, id));
      CREATE TABLE IF NOT EXISTS segue.applied (
        migration text, partition int, epoch bigint NOT NULL DEFAULT 0,
        next_offset bigint NOT NULL DEFAULT 0, reached text NOT NULL,
        mark text NOT NULL DEFAULT '', mark_sent_at bigint NOT NULL DEFAULT 0,
        mark_log bigint NOT NULL DEFAULT 0, applied_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (migration, partition)) WITH (fillfactor = 50);
      CREATE TABLE IF NOT EXISTS segue.barrier (
        migration text, nonce text, partition int, PRIMARY KEY (migration, nonce, partition));
      CREATE TABLE IF NOT EXISTS segue.parked (
        migration text, session_id text, reason text NOT NULL, records bigint NOT NULL DEFAULT 0,
        parked_at timestamptz NOT NULL DEFAULT now(), discarded text NOT NULL DEFAULT '',
        PRIMARY KEY (migration, session_id));
      CREATE TABLE IF NOT EXISTS segue.parity_total (
        migration text PRIMARY KEY, pass bigint NOT NULL, fail bigint NOT NULL,
        pending bigint NOT NULL, began_at timestamptz NOT NULL, checked_at timestamptz NOT NULL,
        changed_pass bigint, changed_fail bigint, changed_pending bigint,
        changed_began_at timestamptz, changed_at timestamptz);
      CREATE TABLE IF NOT EXISTS segue.parity (
        migration text, session_id text, status text NOT NULL, record jsonb NOT NULL,
        PRIMARY KEY (migration, session_id));
      CREATE TABLE IF NOT EXISTS segue.move (
        place bigint GENERATED ALWAYS AS IDENTITY, migration text, id text, owner text NOT NULL,
        slots int[] NOT NULL, sessions text[] NOT NULL, held_back text[] NOT NULL,
        state text NOT NULL, detail text NOT NULL, requested_by text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(), report jsonb,
        PRIMARY KEY (migration, id));
      CREATE TABLE IF NOT EXISTS segue.embedding (
        migration text, session_id text, memory_id text, space text NOT NULL, text_sha256 bytea,
        refused text, embedded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (migration, session_id, memory_id));
      CREATE TABLE IF NOT EXISTS segue.deferred_index (
        migration text, name text, definition text NOT NULL, PRIMARY KEY (migration, name));
      CREATE TABLE IF NOT EXISTS segue.deferred_key (
        migration text, name text, table_schema text NOT NULL, table_name text NOT NULL,
        constraint_name text NOT NULL, columns text[] NOT NULL, PRIMARY KEY (migration, name));
      CREATE TABLE IF NOT EXISTS segue.sequence_room (
        migration text, name text, above bigint NOT NULL, PRIMARY KEY (migration, name));
      """;

  private static final String DEPENDENT_OBJECTS = "2BP01";

  /** Those that have rows of a migration, besides its own. */
  private static final List<String> TABLES =
      List.of(
          "journal",
          "snapshot_table",
          "snapshot_chunk",
          "applied",
          "barrier",
          "parked",
          "parity",
          "parity_total",
          "move",
          "embedding",
          "deferred_index",
          "deferred_key",
          "sequence_room");

  private LedgerSchema() {}

  static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT to_regclass('segue.migration') IS NOT NULL")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  /** Whether a table of ours is there for this role; a schema that it may not use is not. */
  static boolean mayRead(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = 'segue' AND c.relname = ?
                AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
            """)) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  /** Makes the tables, unless they are there; others wait until this transaction ends. */
  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      lock(statement);
      // Who may only use them does not have to be allowed to make them.
      if (!isWhole(connection)) {
        statement.execute(DDL);
        statement.execute(SessionNames.DDL);
      }
    }
  }

  /** Whether every table is there; one that came later may be missing beside older ones. */
  private static boolean isWhole(Connection connection) throws SQLException {
    List<String> all = new ArrayList<>(TABLES);
    all.addAll(List.of("migration", "session_name"));
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT bool_and(to_regclass('segue.' || t) IS NOT NULL) FROM unnest(?) t")) {
      statement.setArray(1, connection.createArrayOf("text", all.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  /** Others that make or remove our tables wait until this transaction ends. */
  static void lock(Statement statement) throws SQLException {
    statement.execute("SELECT pg_advisory_xact_lock(hashtext('segue.ledger'))");
  }

  /** Removes a migration's rows, and the tables with its last migration. */
  static void remove(Connection connection, String migration) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      lock(statement);
      if (!exists(connection)) {
        return;
      }
      for (String table : TABLES) {
        delete(connection, "DELETE FROM segue." + table + " WHERE migration = ?", migration);
      }
      SessionNames.forget(connection, PostgresNames.whole(migration));
      delete(connection, "DELETE FROM segue.migration WHERE name = ?", migration);
      dropIfLast(connection, statement);
    }
  }

  private static void delete(Connection connection, String sql, String migration)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, migration);
      statement.executeUpdate();
    }
  }

  /** Drops what is ours, unless somebody built on it or put something of theirs beside it. */
  private static void dropIfLast(Connection connection, Statement statement) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery("SELECT NOT EXISTS (SELECT FROM segue.migration)")) {
      rows.next();
      if (!rows.getBoolean(1)) {
        return;
      }
    }
    Savepoint before = connection.setSavepoint();
    try {
      for (String table : TABLES) {
        statement.execute("DROP TABLE segue." + table);
      }
      statement.execute("DROP TABLE segue.migration");
      if (!FenceSchema.exists(connection)) {
        statement.execute("DROP TABLE IF EXISTS segue.session_name; DROP SCHEMA segue");
      }
    } catch (SQLException e) {
      if (!DEPENDENT_OBJECTS.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
    }
  }
}
