package dev.segue.postgres;

import dev.segue.layout.Written;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Keeps rows that the database numbers in the order of their session. A row that comes late,
 * because it could not be read at first or was lost, would otherwise stand behind those that follow
 * it.
 */
final class RowOrder {
  private final Connection connection;

  RowOrder(Connection connection) {
    this.connection = connection;
  }

  /**
   * Has the rows numbered anew if they are not in this order.
   *
   * @param session as the target spells it
   * @param rows all of the session, in its order; items of a message need not be among them
   */
  void keep(TargetTable table, String session, List<Written> rows) throws SQLException {
    NumberedColumns numbers = new NumberedColumns(table);
    if (rows.isEmpty() || !numbers.isNumbered()) {
      return;
    }
    List<List<String>> held = held(table, numbers, session);
    Map<List<String>, Integer> places = new HashMap<>();
    rows.forEach(row -> places.putIfAbsent(table.keyOf(row), places.size()));
    Function<List<String>, Integer> place =
        key -> places.getOrDefault(key, places.get(table.messageKey(key)));
    List<List<String>> wanted =
        held.stream()
            .filter(key -> place.apply(key) != null)
            .sorted(Comparator.comparing(place).thenComparing(table::itemPlace))
            .toList();
    if (!wanted.equals(held)) {
      number(table, numbers, wanted);
    }
  }

  private List<List<String>> held(TargetTable table, NumberedColumns numbers, String session)
      throws SQLException {
    List<List<String>> held = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(numbers.order())) {
      statement.setString(1, session);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          List<String> key = new ArrayList<>();
          for (int i = 1; i <= table.keyIndexes().length; i++) {
            key.add(rows.getString(i));
          }
          held.add(key);
        }
      }
    }
    return held;
  }

  private void number(TargetTable table, NumberedColumns numbers, List<List<String>> keys)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(numbers.placeLast())) {
      for (List<String> key : keys) {
        for (int i = 0; i < key.size(); i++) {
          statement.setString(i + 1, table.literal(table.keyIndexes()[i], key.get(i)));
        }
        // A batch is done in its order.
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }
}
