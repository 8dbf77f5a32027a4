package dev.segue.postgres;

import dev.segue.layout.Written;
import dev.segue.relational.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes and finds rows of the target, many with one statement. */
final class TargetRows {
  private final Connection connection;

  TargetRows(Connection connection) {
    this.connection = connection;
  }

  /**
   * Inserts or overwrites whole rows, updates the known columns of others.
   *
   * @return whether every row was written; one that is in another session is not, nor is one to be
   *     updated that is missing
   */
  boolean write(TargetTable table, Batch.Signature signature, List<Written> some)
      throws SQLException {
    List<Written> rows = overWhatIsThere(table, some);
    if (signature.whole()) {
      String sql = table.statements().upsert(signature.columns(), signature.insertOnly());
      int count = execute(table, sql, signature.columns(), rows);
      return count == rows.size()
          || !table.statements().upsertCountsAll(signature.columns(), signature.insertOnly());
    }
    String sql =
        table.statements().update(signature.columns(), signature.partial(), signature.insertOnly());
    return execute(table, sql, signature.columns(), rows) == rows.size();
  }

  /** Inserts or overwrites whole rows, whatever session has them. */
  void merge(TargetTable table, Batch.Signature signature, List<Written> some) throws SQLException {
    String sql = table.statements().merge(signature.columns(), signature.insertOnly());
    execute(table, sql, signature.columns(), overWhatIsThere(table, some));
  }

  /** The rows with what they leave as it is in documents, which is read where there is any. */
  private List<Written> overWhatIsThere(TargetTable table, List<Written> rows) throws SQLException {
    BitSet columns = new BitSet();
    rows.forEach(row -> row.untold().keySet().forEach(columns::set));
    if (columns.isEmpty()) {
      return rows;
    }
    List<Written> laid = new ArrayList<>(rows);
    try (PreparedStatement statement =
        connection.prepareStatement(table.statements().there(columns))) {
      bind(statement, table, table.identity(), rows);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          Map<Integer, String> there = new HashMap<>();
          int result = 2;
          for (int c = columns.nextSetBit(0); c >= 0; c = columns.nextSetBit(c + 1)) {
            there.put(c, found.getString(result++));
          }
          int place = found.getInt(1) - 1;
          laid.set(place, rows.get(place).over(there));
        }
      }
    }
    return laid;
  }

  /** Inserts those rows whose key is not there yet; returns how many. */
  int insert(TargetTable table, BitSet columns, List<Written> rows) throws SQLException {
    return execute(table, table.statements().insert(columns), columns, rows);
  }

  /** Deletes rows where they are in the session that is given; returns how many were there. */
  int delete(TargetTable table, List<Written> rows) throws SQLException {
    int deleted = 0;
    for (TableId from : table.everywhere()) {
      deleted += execute(table, table.statements().delete(from), table.identity(), rows);
    }
    return deleted;
  }

  /** Deletes rows by their key, whatever session they are in. */
  void deleteAnywhere(TargetTable table, List<Written> rows) throws SQLException {
    if (!rows.isEmpty()) {
      for (TableId from : table.everywhere()) {
        execute(table, table.statements().deleteAnywhere(from), table.identity(), rows);
      }
    }
  }

  /**
   * Deletes all rows of a session but these.
   *
   * @param session as the target spells it
   */
  void deleteOthers(TargetTable table, String session, List<Written> rows) throws SQLException {
    for (TableId from : table.everywhere()) {
      deleteOthers(table, table.statements().deleteOthers(from), session, rows);
    }
  }

  /**
   * Deletes all rows of a session but these, and but the items of these messages.
   *
   * @param session as the target spells it
   */
  void deleteOtherMessages(TargetTable table, String session, List<Written> rows)
      throws SQLException {
    for (TableId from : table.everywhere()) {
      deleteOthers(table, table.statements().deleteOtherMessages(from), session, rows);
    }
  }

  private void deleteOthers(TargetTable table, String sql, String session, List<Written> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, table, table.identity(), rows);
      statement.setString(table.identity().cardinality() + 1, session);
      statement.executeUpdate();
    }
  }

  /** Deletes every row; returns how many. */
  int deleteAll(TargetTable table) throws SQLException {
    int rows = 0;
    for (TableId from : table.everywhere()) {
      try (PreparedStatement statement =
          connection.prepareStatement(table.statements().deleteAll(from))) {
        rows += statement.executeUpdate();
      }
    }
    return rows;
  }

  /** Which of the rows, counted from 0, are in another session than the one given. */
  List<Integer> elsewhere(TargetTable table, List<Written> rows) throws SQLException {
    List<Integer> places = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(table.statements().elsewhere())) {
      bind(statement, table, table.identity(), rows);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          places.add(found.getInt(1) - 1);
        }
      }
    }
    return places;
  }

  /** The session, as the target spells it, that a row of this key is in; empty if there is none. */
  Optional<String> holder(TargetTable table, Written row) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(table.statements().holder())) {
      int parameter = 1;
      for (int c : table.keyIndexes()) {
        statement.setString(parameter++, table.literal(c, row.values()[c]));
      }
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  private int execute(TargetTable table, String sql, BitSet columns, List<Written> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, table, columns, rows);
      return statement.executeUpdate();
    }
  }

  private void bind(
      PreparedStatement statement, TargetTable table, BitSet columns, List<Written> rows)
      throws SQLException {
    int parameter = 1;
    for (int c = columns.nextSetBit(0); c >= 0; c = columns.nextSetBit(c + 1)) {
      String[] values = new String[rows.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = table.literal(c, rows.get(i).values()[c]);
      }
      statement.setArray(parameter++, BinaryArray.of(connection, table.type(c), values));
    }
  }
}
