package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Foreign keys of a target's tables into empty tables that the migration brings nothing into: as it
 * writes without having keys checked, its rows would refer to nothing.
 */
final class UnfilledReferences {
  private UnfilledReferences() {}

  /**
   * Looks for them.
   *
   * @param side how messages name the target
   * @param filled the tables that rows are brought into
   */
  static List<Finding> check(Connection connection, String side, Collection<TableBinding> filled)
      throws SQLException {
    Set<TableId> ids = filled.stream().map(table -> table.table().id()).collect(Collectors.toSet());
    List<Finding> findings = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT k.conname, n.nspname, c.relname,
              (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY u.place)
                FROM unnest(k.conkey) WITH ORDINALITY AS u(number, place)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
              (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY u.place)
                FROM unnest(k.confkey) WITH ORDINALITY AS u(number, place)
                JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number)
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.confrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.conrelid = ?::regclass AND k.contype = 'f' AND k.conparentid = 0
              AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
            ORDER BY k.conname
            """)) {
      for (TableId id : ids.stream().sorted().toList()) {
        statement.setString(1, id.sql());
        try (ResultSet keys = statement.executeQuery()) {
          while (keys.next()) {
            TableId other = new TableId(keys.getString(2), keys.getString(3));
            if (!ids.contains(other) && isEmpty(connection, other)) {
              findings.add(
                  finding(
                      side, id, keys.getString(1), other, keys.getString(4), keys.getString(5)));
            }
          }
        }
      }
    }
    return findings;
  }

  private static Finding finding(
      String side, TableId id, String key, TableId other, String columns, String referred) {
    return Finding.warning(
        side + " " + id,
        "refers to "
            + other
            + " ("
            + key
            + "), which is empty and which nothing of the source goes into; foreign keys are not"
            + " checked while Segue writes",
        "bring those rows yourself; where ids are enough, after the cutover: INSERT INTO "
            + other
            + " ("
            + referred
            + ") SELECT DISTINCT "
            + columns
            + " FROM "
            + id
            + " ON CONFLICT DO NOTHING");
  }

  private static boolean isEmpty(Connection connection, TableId id) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT NOT EXISTS (SELECT FROM " + id.sql() + ")")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }
}
