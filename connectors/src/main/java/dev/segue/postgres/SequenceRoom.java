package dev.segue.postgres;

import dev.segue.layout.ColumnSpec;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.TableBinding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.TableId;
import dev.segue.spi.SystemFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the numbers that the two sides give to new rows apart. While sessions are written to on
 * both, each draws from a sequence of its own; so the target's begin far above the source's, once,
 * and neither ever has to be set back.
 */
final class SequenceRoom {
  /** So far above whatever is in use, or half of what is left of the type if that is less. */
  private static final long ROOM = 1_000_000_000L;

  private static final long LEAST = 1_000_000L;

  private final Connection connection;
  private final String migration;
  private final String database;

  SequenceRoom(Connection connection, String migration, String database) {
    this.connection = connection;
    this.migration = migration;
    this.database = database;
  }

  /** Makes room for every sequence that feeds a column which rows of the source are written to. */
  List<String> make(LayoutBinding binding) throws SQLException {
    List<String> made = new ArrayList<>();
    for (TableBinding table : binding.tables()) {
      for (Column column : table.table().columns()) {
        boolean written = table.layout().columns().get(column.name()) instanceof ColumnSpec.OfField;
        if (written && column.type().family() == Family.INTEGER) {
          String sequence = sequence(table.table().id(), column.name());
          if (sequence != null && !isMade(sequence)) {
            made.add(make(table.table().id(), column.name(), sequence));
          }
        }
      }
    }
    return made;
  }

  private String sequence(TableId table, String column) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_get_serial_sequence(?, ?)")) {
      statement.setString(1, table.sql());
      statement.setString(2, column);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  private boolean isMade(String sequence) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT 1 FROM segue.sequence_room WHERE migration = ? AND name = ?")) {
      statement.setString(1, migration);
      statement.setString(2, sequence);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private String make(TableId table, String column, String sequence) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT greatest((SELECT coalesce(max("
                + TableId.quote(column)
                + "), 0) FROM "
                + table.sql()
                + "), coalesce(s.last_value, s.start_value)), least(s.max_value, CASE"
                + " format_type(a.atttypid, NULL) WHEN 'smallint' THEN 32767"
                + " WHEN 'integer' THEN 2147483647 ELSE 9223372036854775807 END)"
                + " FROM pg_sequences s, pg_attribute a"
                + " WHERE format('%I.%I', s.schemaname, s.sequencename)::regclass = ?::regclass"
                + " AND a.attrelid = ?::regclass AND a.attname = ?")) {
      statement.setString(1, sequence);
      statement.setString(2, table.sql());
      statement.setString(3, column);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        long used = rows.getLong(1);
        long room = Math.min(ROOM, (rows.getLong(2) - used) / 2);
        if (room < LEAST) {
          throw SystemFault.permanent(
              database
                  + " sequence "
                  + sequence
                  + " has no room for two sides that both give numbers: "
                  + used
                  + " of "
                  + rows.getLong(2)
                  + " are used",
              "ALTER TABLE " + table + " ALTER COLUMN " + column + " TYPE bigint, on both sides");
        }
        set(sequence, used + room);
        return sequence + " begins at " + (used + room);
      }
    }
  }

  private void set(String sequence, long value) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "WITH s AS (SELECT setval(?::regclass, ?) AS above)"
                + " INSERT INTO segue.sequence_room SELECT ?, ?, above FROM s")) {
      statement.setString(1, sequence);
      statement.setLong(2, value);
      statement.setString(3, migration);
      statement.setString(4, sequence);
      statement.executeUpdate();
    }
  }
}
