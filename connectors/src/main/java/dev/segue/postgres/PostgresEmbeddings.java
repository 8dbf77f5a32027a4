package dev.segue.postgres;

import dev.segue.layout.TableBinding;
import dev.segue.layout.VectorColumn;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.TableId;
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
  private final Sql sql;
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
    this.sql = new Sql(table);
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

  /** The statements about one table. */
  private static final class Sql {
    private final TableBinding binding;
    private final String table;
    private final String session;
    private final String item;
    private final String text;
    private final String vector;
    private final String sessionType;
    private final String itemType;
    private final String vectorType;
    private final String waiting;

    Sql(TableBinding binding) {
      this.binding = binding;
      this.table = binding.table().id().sql();
      Column sessionColumn = column("session_id");
      Column itemColumn = column("memory_id");
      Column vectorColumn =
          binding.table().column(binding.layout().vectors().orElseThrow().name()).orElseThrow();
      this.session = "t." + TableId.quote(sessionColumn.name());
      this.item = "t." + TableId.quote(itemColumn.name());
      this.text = "t." + TableId.quote(column("text").name()) + "::text";
      this.vector = TableId.quote(vectorColumn.name());
      this.sessionType = sessionColumn.type().name();
      this.itemType = itemColumn.type().name();
      this.vectorType = vectorColumn.type().name();
      this.waiting =
          " FROM "
              + table
              + " AS t LEFT JOIN segue.embedding e ON e.migration = ? AND e.session_id = "
              + session
              + "::text AND e.memory_id = "
              + item
              + "::text WHERE NOT coalesce(e.space = ? AND e.text_sha256 = sha256(convert_to("
              + text
              + ", 'UTF8')), false)";
    }

    private Column column(String field) {
      return binding
          .layout()
          .columnOf(field)
          .flatMap(name -> binding.table().column(name))
          .orElseThrow();
    }

    private String page() {
      return "SELECT "
          + session
          + "::text, "
          + item
          + "::text, "
          + text
          + waiting
          + " AND "
          + text
          + " IS NOT NULL";
    }

    String waiting(boolean behind) {
      return page()
          + (behind
              ? " AND ("
                  + session
                  + ", "
                  + item
                  + ") > (?::"
                  + sessionType
                  + ", ?::"
                  + itemType
                  + ")"
              : "")
          + " ORDER BY "
          + session
          + ", "
          + item
          + " LIMIT ?";
    }

    private String ofSessions() {
      return " AND " + session + " = ANY (?::text[]::" + sessionType + "[])";
    }

    String waitingIn() {
      return page() + ofSessions() + " LIMIT ?";
    }

    String sessionsWaiting(boolean some) {
      return "SELECT "
          + session
          + "::text, count(*), min(CASE WHEN "
          + text
          + " IS NULL THEN 'it has no text' WHEN e.text_sha256 IS NULL THEN e.refused END)"
          + waiting
          + (some ? ofSessions() : "")
          + " GROUP BY 1";
    }

    String put() {
      return "WITH made AS (SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])"
          + " AS m(session, item, text, vector)), written AS (UPDATE "
          + table
          + " AS t SET "
          + vector
          + " = m.vector::"
          + vectorType
          + " FROM made m WHERE "
          + session
          + " = m.session::"
          + sessionType
          + " AND "
          + item
          + " = m.item::"
          + itemType
          + " AND "
          + text
          + " = m.text RETURNING m.session, m.item, sha256(convert_to(m.text, 'UTF8')) AS hash)"
          + " INSERT INTO segue.embedding (migration, session_id, memory_id, space, text_sha256)"
          + " SELECT ?, session, item, ?, hash FROM written ON CONFLICT (migration, session_id,"
          + " memory_id) DO UPDATE SET space = EXCLUDED.space, text_sha256 = EXCLUDED.text_sha256,"
          + " refused = NULL, embedded_at = now()";
    }

    String volume() {
      return "SELECT count(*), count(*) FILTER (WHERE "
          + text
          + " IS NULL), coalesce(sum(length("
          + text
          + ")), 0) FROM "
          + table
          + " AS t";
    }

    /** By the hash of what identifies them: the same ones each time, and spread over all. */
    String sample() {
      return "SELECT "
          + session
          + "::text, "
          + item
          + "::text FROM "
          + table
          + " AS t WHERE t."
          + vector
          + " IS NOT NULL AND "
          + text
          + " IS NOT NULL ORDER BY md5("
          + item
          + "::text) LIMIT ?";
    }

    String read() {
      return "SELECT u.session, u.item, t."
          + vector
          + "::text FROM unnest(?::text[], ?::text[]) AS u(session, item) JOIN "
          + table
          + " AS t ON "
          + session
          + " = u.session::"
          + sessionType
          + " AND "
          + item
          + " = u.item::"
          + itemType
          + " WHERE t."
          + vector
          + " IS NOT NULL";
    }
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
