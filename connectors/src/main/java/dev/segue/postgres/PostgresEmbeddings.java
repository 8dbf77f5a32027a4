package dev.segue.postgres;

import dev.segue.layout.TableBinding;
import dev.segue.layout.VectorColumn;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.spi.Embeddings;
import dev.segue.spi.MemoryItem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Vectors of a table of memory items. The text that a vector was made of is kept as its SHA-256 in
 * {@code segue.embedding}, in the transaction that writes the vector.
 */
final class PostgresEmbeddings implements Embeddings {
  private final PostgresConnections connections;
  private final PostgresNames names;
  private final UnaryOperator<String> sessionText;
  private final UnaryOperator<String> sessionIdOf;
  private final EmbeddingSql sql;
  private final String space;
  private final ColumnType vectorType;

  /**
   * @param table whose layout has a column set aside
   * @param sessionText how the table spells a session
   * @param sessionIdOf the session that a spelling means
   */
  PostgresEmbeddings(
      PostgresConnections connections,
      PostgresNames names,
      TableBinding table,
      UnaryOperator<String> sessionText,
      UnaryOperator<String> sessionIdOf) {
    this.connections = connections;
    this.names = names;
    this.sessionText = sessionText;
    this.sessionIdOf = sessionIdOf;
    this.sql = new EmbeddingSql(table);
    VectorColumn vectors = table.layout().vectors().orElseThrow();
    this.space = vectors.space();
    this.vectorType = table.table().column(vectors.name()).orElseThrow().type();
  }

  /** Whether a table has what vectors need: each of the columns by itself. */
  static boolean isPossible(TableBinding table) {
    return table
            .layout()
            .vectors()
            .flatMap(vectors -> table.table().column(vectors.name()))
            .filter(
                column ->
                    switch (column.type().family()) {
                      case VECTOR, JSON, TEXT -> true;
                      case ARRAY -> column.type().element().family() == Family.FLOAT;
                      default -> false;
                    })
            .isPresent()
        && List.of("session_id", "memory_id", "text").stream()
            .allMatch(
                field ->
                    table
                        .layout()
                        .columnOf(field)
                        .flatMap(name -> table.table().column(name))
                        .isPresent());
  }

  @Override
  public List<MemoryItem> waiting(Optional<MemoryItem> behind, int most) {
    return connections.with(
        "looking for texts without a vector",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(sql.waiting(behind.isPresent()))) {
            int at = bindWaiting(statement);
            if (behind.isPresent()) {
              statement.setString(at++, behind.get().session());
              statement.setString(at++, behind.get().item());
            }
            statement.setInt(at, most);
            return items(statement);
          }
        });
  }

  @Override
  public List<MemoryItem> waitingIn(Collection<String> sessions, int most) {
    return connections.with(
        "looking for texts without a vector",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.waitingIn())) {
            int at = bindWaiting(statement);
            statement.setArray(at++, spelled(connection, sessions));
            statement.setInt(at, most);
            return items(statement);
          }
        });
  }

  private int bindWaiting(PreparedStatement statement) throws SQLException {
    statement.setString(1, names.migration());
    statement.setString(2, space);
    return 3;
  }

  private java.sql.Array spelled(Connection connection, Collection<String> sessions)
      throws SQLException {
    return connection.createArrayOf("text", sessions.stream().map(sessionText).toArray());
  }

  private static List<MemoryItem> items(PreparedStatement statement) throws SQLException {
    List<MemoryItem> items = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        items.add(new MemoryItem(rows.getString(1), rows.getString(2), rows.getString(3)));
      }
    }
    return items;
  }

  @Override
  public int put(List<Embedded> embedded) {
    return connections.with(
        "writing vectors",
        connection -> {
          ReplicaSession.enter(connection, names.origin(PostgresTarget.EMBEDDING));
          try (PreparedStatement statement = connection.prepareStatement(sql.put())) {
            statement.setArray(1, texts(connection, embedded, made -> made.item().session()));
            statement.setArray(2, texts(connection, embedded, made -> made.item().item()));
            statement.setArray(3, texts(connection, embedded, made -> made.item().text()));
            statement.setArray(4, texts(connection, embedded, made -> literal(made.vector())));
            statement.setString(5, names.migration());
            statement.setString(6, space);
            return statement.executeUpdate();
          } finally {
            ReplicaSession.leave(connection);
          }
        });
  }

  private static java.sql.Array texts(
      Connection connection,
      List<Embedded> embedded,
      java.util.function.Function<Embedded, String> of)
      throws SQLException {
    return connection.createArrayOf("text", embedded.stream().map(of).toArray());
  }

  private String literal(float[] vector) {
    StringBuilder json = new StringBuilder(vector.length * 12).append('[');
    for (int i = 0; i < vector.length; i++) {
      json.append(i == 0 ? "" : ",").append(vector[i]);
    }
    return NeutralText.toPostgres(vectorType, json.append(']').toString());
  }

  @Override
  public void refuse(MemoryItem item, String reason) {
    connections.with(
        "writing down a refused text",
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "INSERT INTO segue.embedding (migration, session_id, memory_id, space, refused)"
                      + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (migration, session_id, memory_id)"
                      + " DO UPDATE SET refused = EXCLUDED.refused, text_sha256 = NULL")) {
            statement.setString(1, names.migration());
            statement.setString(2, item.session());
            statement.setString(3, item.item());
            statement.setString(4, space);
            statement.setString(5, reason);
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public Map<String, Waiting> sessionsWaiting() {
    return sessionsWaiting(Optional.empty());
  }

  @Override
  public Map<String, Waiting> sessionsWaiting(Collection<String> sessions) {
    return sessions.isEmpty() ? Map.of() : sessionsWaiting(Optional.of(sessions));
  }

  private Map<String, Waiting> sessionsWaiting(Optional<Collection<String>> some) {
    return connections.with(
        "looking for sessions without vectors",
        connection -> {
          Map<String, Waiting> waiting = new HashMap<>();
          try (PreparedStatement statement =
              connection.prepareStatement(sql.sessionsWaiting(some.isPresent()))) {
            int at = bindWaiting(statement);
            if (some.isPresent()) {
              statement.setArray(at, spelled(connection, some.get()));
            }
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                waiting.put(
                    sessionIdOf(rows.getString(1)),
                    new Waiting(rows.getLong(2), rows.getString(3)));
              }
            }
          }
          return waiting;
        });
  }

  @Override
  public String sessionIdOf(String spelled) {
    return sessionIdOf.apply(spelled);
  }

  @Override
  public Volume volume() {
    return connections.with(
        "counting memory items",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.volume());
              ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new Volume(rows.getLong(1), rows.getLong(2), rows.getLong(3));
          }
        });
  }

  @Override
  public List<ItemKey> sample(int most) {
    return connections.with(
        "choosing memory items",
        connection -> {
          List<ItemKey> items = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.sample())) {
            statement.setInt(1, most);
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                items.add(new ItemKey(sessionIdOf(rows.getString(1)), rows.getString(2)));
              }
            }
          }
          return items;
        });
  }

  @Override
  public Map<ItemKey, float[]> read(Collection<ItemKey> items) {
    return connections.with(
        "reading vectors",
        connection -> {
          Map<ItemKey, float[]> vectors = new HashMap<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.read())) {
            statement.setArray(
                1, spelled(connection, items.stream().map(ItemKey::session).toList()));
            statement.setArray(
                2, connection.createArrayOf("text", items.stream().map(ItemKey::item).toArray()));
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                vectors.put(
                    new ItemKey(sessionIdOf(rows.getString(1)), rows.getString(2)),
                    floats(rows.getString(3)));
              }
            }
          }
          return vectors;
        });
  }

  /** An array's text, a vector's or a JSON list's. */
  private static float[] floats(String text) {
    String[] parts = text.substring(1, text.length() - 1).split(",", -1);
    float[] vector = new float[parts.length];
    for (int i = 0; i < parts.length; i++) {
      vector[i] = Float.parseFloat(parts[i].strip());
    }
    return vector;
  }
}
