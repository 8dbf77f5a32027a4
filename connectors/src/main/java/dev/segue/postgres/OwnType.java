package dev.segue.postgres;

import dev.segue.relational.Column;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;

/**
 * How a column is compared with texts: in its own type where every text that gets here is a value
 * of it, so that an index can be used and what the type takes for equal is. A domain is compared as
 * what it is of, for its checks may refuse a text.
 */
final class OwnType {
  /** Types that the catalog tells by name; every text is a value of them. */
  private static final Set<String> SIMPLE =
      Set.of(
          "uuid", "text", "character varying", "bpchar", "name", "smallint", "integer", "bigint");

  private static final Set<String> EXTENSIONS = Set.of("citext");

  private final String type;
  private final String operator;

  private OwnType(String type, String operator) {
    this.type = type;
    this.operator = operator;
  }

  static OwnType of(Connection connection, TableId table, Column column) throws SQLException {
    return SIMPLE.contains(column.type().name())
        ? new OwnType(column.type().name(), "=")
        : ask(connection, table, column);
  }

  private static OwnType ask(Connection connection, TableId table, Column column)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT format_type(b.oid, -1), b.typname, n.nspname
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
            JOIN pg_namespace n ON n.oid = b.typnamespace
            WHERE a.attrelid = ?::regclass AND a.attname = ?
            """)) {
      statement.setString(1, table.sql());
      statement.setString(2, column.name());
      try (ResultSet rows = statement.executeQuery()) {
        boolean known = rows.next();
        if (known && SIMPLE.contains(rows.getString(1))) {
          return new OwnType(rows.getString(1), "=");
        }
        if (known && EXTENSIONS.contains(rows.getString(2))) {
          String schema = TableId.quote(rows.getString(3));
          return new OwnType(
              schema + "." + TableId.quote(rows.getString(2)), "OPERATOR(" + schema + ".=)");
        }
      }
    }
    return new OwnType(null, "=");
  }

  /**
   * Whether the column is one of these.
   *
   * @param array of texts, as PostgreSQL writes them
   */
  String isAnyOf(Column column, String array) {
    String name = TableId.quote(column.name());
    String texts = "'" + array.replace("'", "''") + "'::text[]";
    return type == null
        ? name + "::text = ANY (" + texts + ")"
        : name + " " + operator + " ANY (" + texts + "::" + type + "[])";
  }
}
