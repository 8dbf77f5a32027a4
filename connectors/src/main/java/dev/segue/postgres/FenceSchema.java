package dev.segue.postgres;

import dev.segue.canonical.Kind;
import dev.segue.layout.ColumnSpec;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables and functions by which a database knows who owns a session. A writer locks the row of
 * its session's slot to the end of its transaction; whoever moves the slot, or any session of it,
 * changes that row, and so waits for exactly these writers.
 */
final class FenceSchema {
  private static final String SLOT_OF =
      "('x' || left(encode(sha256(convert_to($1, 'UTF8')), 'hex'), 4))::bit(16)::int & 1023";

  /** A number that was made a UUID is a number again; see Identifiers. */
  private static final String ID_OF =
      "CASE WHEN $1 LIKE '________-____-8___-8e67-75656e756d31' THEN ('x' || lpad(substr($1, 1, 8)"
          + " || substr($1, 10, 4) || substr($1, 16, 3), 16, '0'))::bit(64)::bigint::text"
          + " ELSE $1 END";

  private static final String DDL =
      """
      CREATE SCHEMA IF NOT EXISTS segue;
      GRANT USAGE ON SCHEMA segue TO PUBLIC;
      CREATE TABLE IF NOT EXISTS segue.side (
        migration text PRIMARY KEY, side text NOT NULL, other_side text NOT NULL,
        uuids boolean NOT NULL);
      CREATE TABLE IF NOT EXISTS segue.slot_owner (
        migration text, slot int, owner text NOT NULL, reads text NOT NULL, moving text,
        moving_until timestamptz, epoch bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (migration, slot)) WITH (fillfactor = 50);
      CREATE TABLE IF NOT EXISTS segue.session_owner (
        migration text, session_id text, owner text NOT NULL, moving text,
        moving_until timestamptz, PRIMARY KEY (migration, session_id));

      CREATE OR REPLACE FUNCTION segue.slot_of(session text) RETURNS int
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $segue$
        SELECT {slot_of}
      $segue$;

      {session_name}
      DROP FUNCTION IF EXISTS segue.id_of(text);
      CREATE OR REPLACE FUNCTION segue.id_of(uuid text, of_migration text) RETURNS text
        LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $segue$
        SELECT coalesce((SELECT n.session_id FROM segue.session_name n
          WHERE n.migration = $2 AND n.spelled = $1), {id_of})
      $segue$;

      CREATE OR REPLACE FUNCTION segue.admit(of_migration text, here text, of_session text)
        RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $segue$
      DECLARE
        place segue.slot_owner;
        alone segue.session_owner;
        holder text;
        refused boolean;
        address text;
      BEGIN
        SELECT s.* INTO place FROM segue.slot_owner s
          WHERE s.migration = of_migration AND s.slot = segue.slot_of(of_session) FOR SHARE;
        IF NOT FOUND THEN
          RETURN;
        END IF;
        SELECT n.* INTO alone FROM segue.session_owner n
          WHERE n.migration = of_migration AND n.session_id = of_session;
        IF FOUND THEN
          holder := alone.owner;
          refused := alone.moving IS NOT NULL AND alone.moving_until > clock_timestamp();
        ELSE
          holder := place.owner;
          refused := place.moving IS NOT NULL AND place.moving_until > clock_timestamp();
        END IF;
        IF refused THEN
          RAISE EXCEPTION 'session % is changing hands', of_session USING ERRCODE = 'SG002',
            HINT = 'Try again in a moment. SELECT segue.owner_of(''' || of_session || ''')';
        END IF;
        IF holder <> here THEN
          SELECT e.other_side INTO address FROM segue.side e WHERE e.migration = of_migration;
          RAISE EXCEPTION 'session % belongs to the %', of_session, address
            USING ERRCODE = 'SG001',
            HINT = 'Write to it there. SELECT segue.owner_of(''' || of_session || ''')';
        END IF;
      END $segue$;

      CREATE OR REPLACE FUNCTION segue.admit_all(of_migration text, here text)
        RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $segue$
      BEGIN
        PERFORM FROM segue.slot_owner s WHERE s.migration = of_migration ORDER BY s.slot FOR SHARE;
        IF EXISTS (SELECT FROM segue.slot_owner s WHERE s.migration = of_migration
            AND (s.owner <> here OR (s.moving IS NOT NULL AND s.moving_until > clock_timestamp())))
          OR EXISTS (SELECT FROM segue.session_owner n WHERE n.migration = of_migration
            AND (n.owner <> here OR (n.moving IS NOT NULL AND n.moving_until > clock_timestamp())))
        THEN
          RAISE EXCEPTION 'some of the sessions do not belong to the %', here
            USING ERRCODE = 'SG001', HINT = 'Delete those that do, one by one.';
        END IF;
      END $segue$;

      CREATE OR REPLACE FUNCTION segue.owner_of(of_session text, of_migration text DEFAULT NULL)
        RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        CALLED ON NULL INPUT AS $segue$
        SELECT CASE
          WHEN coalesce(n.moving, CASE WHEN n.owner IS NULL THEN s.moving END) IS NOT NULL
            AND coalesce(n.moving_until, s.moving_until) > clock_timestamp() THEN 'moving'
          ELSE coalesce(n.owner, s.owner) END
        FROM segue.side e
        CROSS JOIN LATERAL
          (SELECT CASE WHEN e.uuids THEN segue.id_of($1, e.migration) ELSE $1 END AS id) i
        JOIN segue.slot_owner s ON s.migration = e.migration AND s.slot = segue.slot_of(i.id)
        LEFT JOIN segue.session_owner n ON n.migration = e.migration AND n.session_id = i.id
        WHERE $2 IS NULL OR e.migration = $2
        ORDER BY e.migration LIMIT 1
      $segue$;
      """
          .replace("{slot_of}", SLOT_OF)
          .replace("{id_of}", ID_OF)
          .replace("{session_name}", SessionNames.DDL.strip());

  private static final List<String> TABLES = List.of("slot_owner", "session_owner", "side");

  private FenceSchema() {}

  static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT to_regclass('segue.side') IS NOT NULL")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  /** Makes tables and functions; others wait until this transaction ends. */
  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      LedgerSchema.lock(statement);
      statement.execute(DDL);
    }
  }

  /** The function that a table's trigger calls, for rows and for TRUNCATE. */
  static String function(PostgresNames names, int place, String side, TableBinding table) {
    return """
        CREATE OR REPLACE FUNCTION segue.%1$s() RETURNS trigger LANGUAGE plpgsql
          SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $segue$
        DECLARE
          was text;
          is_now text;
        BEGIN
          IF TG_OP = 'TRUNCATE' THEN
            PERFORM segue.admit_all('%2$s', '%3$s');
            RETURN NULL;
          END IF;
          IF TG_OP <> 'INSERT' THEN was := %4$s; END IF;
          IF TG_OP <> 'DELETE' THEN is_now := %5$s; END IF;
          IF was IS NOT NULL THEN PERFORM segue.admit('%2$s', '%3$s', was); END IF;
          IF is_now IS NOT NULL AND is_now IS DISTINCT FROM was THEN
            PERFORM segue.admit('%2$s', '%3$s', is_now);
          END IF;
          IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
          RETURN NEW;
        END $segue$
        """
        .formatted(
            names.fenceFunction(place),
            names.whole(),
            side,
            session(names, table, "OLD"),
            session(names, table, "NEW"));
  }

  /** The session that a row belongs to, as the canonical model names it. */
  private static String session(PostgresNames names, TableBinding table, String row) {
    String text = row + "." + TableId.quote(sessionColumn(table)) + "::text";
    return spelledAsUuid(table) ? "segue.id_of(" + text + ", '" + names.whole() + "')" : text;
  }

  /**
   * The session that a row of a table called {@code t} belongs to, where there may be no function
   * of ours.
   *
   * @param named whether the table of names is there
   */
  static String sessionOf(TableBinding table, boolean named, PostgresNames names) {
    String text = "t." + TableId.quote(sessionColumn(table)) + "::text";
    if (!spelledAsUuid(table)) {
      return text;
    }
    String id = ID_OF.replace("$1", text);
    return named
        ? "coalesce((SELECT n.session_id FROM segue.session_name n WHERE n.migration = '"
            + names.whole()
            + "' AND n.spelled = "
            + text
            + "), "
            + id
            + ")"
        : id;
  }

  /** The slot of a session, likewise. */
  static String slotOf(String session) {
    return "(" + SLOT_OF.replace("$1", session) + ")";
  }

  private static java.util.Map.Entry<String, ColumnSpec> sessionSpec(TableBinding table) {
    Kind kind = table.layout().kind();
    return table.layout().columns().entrySet().stream()
        .filter(
            e ->
                e.getValue() instanceof ColumnSpec.OfField of
                    && of.field().equals(kind.sessionField()))
        .findFirst()
        .orElseThrow();
  }

  static String sessionColumn(TableBinding table) {
    return sessionSpec(table).getKey();
  }

  static boolean spelledAsUuid(TableBinding table) {
    return ((ColumnSpec.OfField) sessionSpec(table).getValue()).asUuid();
  }

  /** Removes a migration's rows, and everything with the last migration. */
  static void remove(Connection connection, String migration) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      LedgerSchema.lock(statement);
      if (!exists(connection)) {
        return;
      }
      for (String table : TABLES) {
        try (PreparedStatement delete =
            connection.prepareStatement("DELETE FROM segue." + table + " WHERE migration = ?")) {
          delete.setString(1, migration);
          delete.executeUpdate();
        }
      }
      if (!LedgerSchema.exists(connection)) {
        SessionNames.forget(connection, migration);
      }
      try (ResultSet rows = statement.executeQuery("SELECT NOT EXISTS (SELECT FROM segue.side)")) {
        rows.next();
        if (!rows.getBoolean(1)) {
          return;
        }
      }
      statement.execute(
          "DROP FUNCTION segue.owner_of, segue.admit_all, segue.admit, segue.id_of,"
              + " segue.slot_of");
      for (String table : TABLES) {
        statement.execute("DROP TABLE segue." + table);
      }
      statement.execute("REVOKE USAGE ON SCHEMA segue FROM PUBLIC");
      if (!LedgerSchema.exists(connection)) {
        statement.execute("DROP TABLE IF EXISTS segue.session_name; DROP SCHEMA segue");
      }
    }
  }
}
