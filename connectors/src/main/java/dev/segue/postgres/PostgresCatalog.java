package dev.segue.postgres;

import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the database's catalog says about its tables. */
final class PostgresCatalog {
  /** The digits of a second that a time without a modifier keeps. */
  private static final int MICROSECONDS = 6;

  /** Bytes; a longer one is cut off without a word. */
  private static final int LONGEST_NAME = 63;

  private static final Set<String> TEXTS =
      Set.of(
          "text",
          "varchar",
          "bpchar",
          "citext",
          "name",
          "xml",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "ltree",
          "int4range",
          "int8range",
          "numrange",
          "daterange");

  private PostgresCatalog() {}

  /** All ordinary and partitioned tables that are not the system's or Segue's own. */
  static List<Table> tables(Connection connection) throws SQLException {
    Map<TableId, List<Column>> columns = new LinkedHashMap<>();
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                SELECT n.nspname, c.relname, a.attname, a.attnotnull, a.atthasdef,
                       a.attgenerated <> '' OR a.attidentity = 'a', a.attidentity <> '',
                       format_type(a.atttypid, a.atttypmod),
                       CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END,
                       coalesce(b.typname, t.typname), t.typtype, e.typname, e.typtype,
                       format_type(coalesce(b.oid, t.oid), -1), a.attgenerated = 'v'
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                JOIN pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
                LEFT JOIN pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'segue')
                  AND n.nspname !~ '^pg_(toast|temp)'
                  AND has_table_privilege(c.oid, 'SELECT')
                ORDER BY n.nspname, c.relname, a.attnum
                """);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        TableId id = new TableId(rows.getString(1), rows.getString(2));
        columns
            .computeIfAbsent(id, unused -> new ArrayList<>())
            .add(
                new Column(
                    rows.getString(3),
                    type(rows),
                    rows.getBoolean(4),
                    rows.getBoolean(5) || rows.getBoolean(7),
                    rows.getBoolean(6) && !rows.getBoolean(7),
                    rows.getBoolean(15)));
      }
    }
    Map<TableId, List<String>> keys = primaryKeys(connection);
    return columns.entrySet().stream()
        .map(e -> new Table(e.getKey(), e.getValue(), keys.getOrDefault(e.getKey(), List.of())))
        .toList();
  }

  /**
   * Keys, and those that a migration has taken away from its target's tables until history is
   * copied: in one statement, for such a key is in the one place or the other at any moment.
   */
  private static Map<TableId, List<String>> primaryKeys(Connection connection) throws SQLException {
    String deferred =
        LedgerSchema.mayRead(connection, "deferred_key")
            ? """
              UNION ALL
              SELECT d.table_schema, d.table_name, u.name, u.place, true
              FROM segue.deferred_key d
              CROSS JOIN LATERAL unnest(d.columns) WITH ORDINALITY AS u(name, place)
              """
            : "";
    Map<TableId, List<String>> keys = new LinkedHashMap<>();
    Map<TableId, Boolean> from = new HashMap<>();
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                SELECT n.nspname::text, c.relname::text, a.attname::text, k.place, false
                FROM pg_index i
                JOIN pg_class c ON c.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                WHERE i.indisprimary AND k.place <= i.indnkeyatts
                """
                    + deferred
                    + "ORDER BY 1, 2, 5, 4");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        TableId table = new TableId(rows.getString(1), rows.getString(2));
        // What is there goes before what is said to come back.
        boolean isDeferred = rows.getBoolean(5);
        if (from.computeIfAbsent(table, unused -> isDeferred) == isDeferred) {
          keys.computeIfAbsent(table, unused -> new ArrayList<>()).add(rows.getString(3));
        }
      }
    }
    return keys;
  }

  /** The table of that name, if it is still there and may be read. */
  static Optional<Table> table(Connection connection, TableId id) throws SQLException {
    return tables(connection).stream().filter(table -> table.id().equals(id)).findFirst();
  }

  private static ColumnType type(ResultSet rows) throws SQLException {
    String display = rows.getString(8);
    int modifier = rows.getInt(9);
    String element = rows.getString(12);
    String sql = rows.getString(14);
    if (element != null) {
      ColumnType of = type(element, sql, element, -1, rows.getString(13));
      return new ColumnType(
          of.family() == Family.UNSUPPORTED ? Family.UNSUPPORTED : Family.ARRAY,
          sql,
          display,
          Limits.NONE,
          of);
    }
    return type(rows.getString(10), sql, display, modifier, rows.getString(11));
  }

  private static ColumnType type(
      String name, String sql, String display, int modifier, String kind) {
    Family family = "e".equals(kind) ? Family.TEXT : family(name);
    return new ColumnType(family, sql, display, limits(name, modifier), null);
  }

  private static Limits limits(String name, int modifier) {
    return switch (name) {
      // A length counts the four bytes before the text.
      case "varchar", "bpchar" -> modifier >= 4 ? Limits.ofText(modifier - 4) : Limits.NONE;
      case "name" -> Limits.ofText(LONGEST_NAME);
      case "int2" -> Limits.ofInteger(16);
      case "int4" -> Limits.ofInteger(32);
      case "int8" -> Limits.ofInteger(64);
      case "float4" -> Limits.ofFloat(6);
      case "float8" -> Limits.ofFloat(15);
      case "numeric" -> modifier >= 4 ? decimal(modifier - 4) : Limits.NONE;
      case "timestamp", "timestamptz", "time" ->
          modifier >= 0 && modifier < MICROSECONDS ? Limits.ofTime(modifier) : Limits.NONE;
      case "interval" -> interval(modifier);
      default -> Limits.NONE;
    };
  }

  /** Precision in the upper half, scale in eleven bits of the lower one, as a signed number. */
  private static Limits decimal(int modifier) {
    int scale = ((modifier & 0x7FF) ^ 1024) - 1024;
    return Limits.ofDecimal(modifier >> 16 & 0xFFFF, scale);
  }

  /** Which fields in the upper half; digits of a second in the lower one. */
  private static Limits interval(int modifier) {
    int digits = modifier & 0xFFFF;
    return modifier >= 0 && digits < MICROSECONDS ? Limits.ofTime(digits) : Limits.NONE;
  }

  private static Family family(String name) {
    return switch (name) {
      case "int2", "int4", "int8" -> Family.INTEGER;
      case "numeric" -> Family.DECIMAL;
      case "float4", "float8" -> Family.FLOAT;
      case "bool" -> Family.BOOLEAN;
      case "timestamptz" -> Family.INSTANT;
      case "timestamp" -> Family.LOCAL_TIMESTAMP;
      case "date" -> Family.DATE;
      case "time" -> Family.TIME;
      case "interval" -> Family.INTERVAL;
      case "json", "jsonb" -> Family.JSON;
      case "uuid" -> Family.UUID;
      case "bytea" -> Family.BYTES;
      case "vector", "halfvec" -> Family.VECTOR;
      default -> TEXTS.contains(name) ? Family.TEXT : Family.UNSUPPORTED;
    };
  }
}
