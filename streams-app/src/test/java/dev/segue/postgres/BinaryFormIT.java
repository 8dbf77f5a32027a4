package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.LayoutCatalog;
import dev.segue.layout.RowWriter;
import dev.segue.layout.TableBinding;
import dev.segue.layout.Variables;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import dev.segue.spi.Chunk;
import dev.segue.spi.Ledger;
import dev.segue.spi.SnapshotWriter;
import dev.segue.support.Servers;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Values that a real server takes in binary become what it makes of them as text. */
class BinaryFormIT {
  private static final String DATABASE = "db_binaryform";

  private static final Chunk CHUNK = new Chunk(-1, "public.messages", "public.messages", 0, -1, 0);

  /** Of each type values that are told in binary. */
  private static final Map<String, List<String>> VALUES =
      Map.ofEntries(
          Map.entry("text", List.of("", "a\tb\\n\n\r\\N", "日本 \uD83D\uDE00 æ", "\\.")),
          Map.entry("varchar(3)", List.of("", "abc", "ab   ", "æøå")),
          Map.entry("char(4)", List.of("", "ab", "æ", "abcd")),
          Map.entry("json", List.of("{\"b\":1, \"a\": 1e400}", "null", "\"\\u00e6\\\\\"")),
          Map.entry("jsonb", List.of("{\"b\":1, \"a\": 1.10}", "null", "[\"\\n\", \"æ\"]")),
          Map.entry("uuid", List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
          Map.entry("bytea", List.of("\\x", "\\x00ff5c")),
          Map.entry("boolean", List.of("true", "false")),
          Map.entry("smallint", List.of("0", "32767", "-32768")),
          Map.entry("integer", List.of("0", "2147483647", "-2147483648", "-1")),
          Map.entry("bigint", List.of("0", "9223372036854775807", "-999999999999999999")),
          Map.entry("real", List.of("0", "0.1", "-1.5", "3.4028235E+38", "1E-45", "16777217")),
          Map.entry("double precision", List.of("0", "0.1", "1E-300", "-1.7976931348623157E+308")),
          Map.entry("date", List.of("2026-01-31", "0001-01-01", "9999-12-31", "1999-12-31")),
          Map.entry(
              "timestamptz",
              List.of(
                  "2026-01-31T08:30:00.500000Z",
                  "0001-01-01T00:00:00.000000Z",
                  "9999-12-31T23:59:59.999999Z",
                  "1883-11-18T12:03:58.000001Z",
                  "2000-02-29T00:00:00.000000Z")),
          Map.entry("timestamptz(1)", List.of("2026-01-31T08:30:59.987654Z")),
          Map.entry(
              "timestamp", List.of("2026-01-31T08:30:00.123456", "1582-10-10T00:00:00.000000")),
          Map.entry("mood", List.of("a", "b c")),
          Map.entry("code", List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
          Map.entry("short", List.of("abcd")));

  private final PostgresConnections connections =
      new PostgresConnections(
          "target", PostgresAddress.parse(Servers.target().url(DATABASE), null), DATABASE);

  @BeforeAll
  static void create() throws Exception {
    Servers.target().createDatabase(DATABASE);
    Servers.target()
        .execute(
            DATABASE,
            """
            CREATE DOMAIN short AS text CHECK (length(VALUE) < 5);
            CREATE DOMAIN code AS uuid;
            CREATE DOMAIN shorter AS short;
            CREATE DOMAIN varchar_3 AS varchar(3);
            CREATE TYPE mood AS ENUM ('a', 'b c');
            CREATE SCHEMA further;
            CREATE TYPE further.uuid AS (a int);
            """);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> names(int columns) {
    return IntStream.range(0, columns).mapToObj(i -> "c" + i).toList();
  }

  private static String declared(List<String> types) {
    return IntStream.range(0, types.size())
        .mapToObj(i -> "c" + i + " " + types.get(i))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String into(String table, int columns) {
    return table + " (" + String.join(", ", names(columns)) + ")";
  }

  @Test
  void binaryRowsAreTheSameAsText() throws Exception {
    List<String> types = VALUES.keySet().stream().sorted().toList();
    Random random = new Random(7);
    try (Connection connection = connections.open()) {
      execute(connection, "CREATE TABLE as_text " + declared(types));
      execute(connection, "CREATE TABLE as_binary " + declared(types));
      List<BinaryForm> forms =
          BinaryForm.of(connection, "as_binary", names(types.size())).orElseThrow();
      CopyRows text = CopyRows.of(Optional.empty());
      CopyRows binary = CopyRows.of(Optional.of(forms));
      for (int row = 0; row < 2000; row++) {
        String[] literals = new String[types.size()];
        for (int i = 0; i < literals.length; i++) {
          List<String> values = VALUES.get(types.get(i));
          literals[i] = random.nextInt(9) == 0 ? null : values.get(random.nextInt(values.size()));
        }
        assertThat(text.add(literals)).isTrue();
        assertThat(binary.add(literals)).as("row %d: %s", row, List.of(types)).isTrue();
      }
      // In two parts, as after a row that is refused.
      for (int[] part : new int[][] {{0, 700}, {700, 2000}}) {
        text.send(connection, into("as_text", types.size()), part[0], part[1]);
        binary.send(connection, into("as_binary", types.size()), part[0], part[1]);
      }
    }
    String difference =
        "SELECT count(*) FROM (SELECT t::text, count(*) FROM %s t GROUP BY 1"
            + " EXCEPT SELECT t::text, count(*) FROM %s t GROUP BY 1) d";
    assertThat(Servers.target().ask(DATABASE, "SELECT count(*) FROM as_binary")).isEqualTo("2000");
    assertThat(Servers.target().ask(DATABASE, difference.formatted("as_text", "as_binary")))
        .isEqualTo("0");
    assertThat(Servers.target().ask(DATABASE, difference.formatted("as_binary", "as_text")))
        .isEqualTo("0");
  }

  /** Of some types values that the server reads, and that are not told in binary. */
  private static final Map<String, String> ODD =
      Map.of(
          "uuid", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}",
          "boolean", "yes",
          "integer", " 7",
          "real", "NaN",
          "date", "infinity",
          "timestamptz", "-infinity",
          "timestamp", "2026-01-31 08:30",
          "bytea", "a\\\\b");

  @Test
  void parametersAreTheSameAsText() throws Exception {
    List<String> types =
        Stream.concat(VALUES.keySet().stream(), Stream.of("numeric", "text[]", "interval"))
            .sorted()
            .toList();
    Map<String, List<String>> further =
        Map.of(
            "numeric", List.of("1.10"), "text[]", List.of("{a,NULL}"), "interval", List.of("P1D"));
    try (Connection connection = connections.open()) {
      execute(connection, "CREATE TABLE as_parameter " + declared(types));
      List<Column> columns =
          PostgresCatalog.table(connection, new TableId("public", "as_parameter"))
              .orElseThrow()
              .columns();
      int typed = 0;
      for (int i = 0; i < types.size(); i++) {
        ColumnType type = columns.get(i).type();
        List<String> literals =
            new ArrayList<>(VALUES.getOrDefault(types.get(i), further.get(types.get(i))));
        literals.add(1, null);
        String sent = sent(connection, type, literals);
        typed += sent.equals("text[]") ? 0 : 1;
        assertThat(sent).isIn("text[]", type.name() + "[]");
        assertThat(sent(connection, type, List.of())).isEqualTo(sent);
        if (ODD.containsKey(types.get(i))) {
          assertThat(sent).isNotEqualTo("text[]");
          literals.add(ODD.get(types.get(i)));
          assertThat(sent(connection, type, literals)).as(types.get(i)).isEqualTo("text[]");
        }
      }
      assertThat(typed).isEqualTo(15);
    }
  }

  /** As what the values get to the server; sees that it makes the same of them as of texts. */
  private static String sent(Connection connection, ColumnType type, List<String> literals)
      throws SQLException {
    String[] values = literals.toArray(String[]::new);
    String sql =
        "SELECT array_agg((u.v::"
            + type.name()
            + ")::text ORDER BY u.n)::text, count(*)"
            + " FROM unnest(?) WITH ORDINALITY AS u(v, n)";
    List<String> results = new ArrayList<>();
    for (Array each :
        List.of(
            BinaryArray.of(connection, type, values), connection.createArrayOf("text", values))) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setArray(1, each);
        ResultSet rows = statement.executeQuery();
        rows.next();
        assertThat(rows.getInt(2)).isEqualTo(values.length);
        results.add(rows.getString(1));
      }
    }
    assertThat(results.get(0)).as(type.name()).isEqualTo(results.get(1));
    try (PreparedStatement statement = connection.prepareStatement("SELECT pg_typeof(?)::text")) {
      statement.setArray(1, BinaryArray.of(connection, type, values));
      ResultSet rows = statement.executeQuery();
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void whatTheServerRefusesAsTextItRefusesInBinary() throws Exception {
    Map<String, String> refused =
        Map.of(
            "varchar(3)", "abcd",
            "short", "abcde",
            "mood", "c",
            "jsonb", "{",
            "json", "[1,]",
            "text", "a\0b");
    try (Connection connection = connections.open()) {
      for (Map.Entry<String, String> each : refused.entrySet()) {
        List<String> type = List.of(each.getKey());
        execute(connection, "CREATE TABLE refusing " + declared(type));
        Optional<List<BinaryForm>> forms = BinaryForm.of(connection, "refusing", names(1));
        assertThat(forms).isPresent();
        List<String> states = new ArrayList<>();
        for (CopyRows rows : List.of(CopyRows.of(Optional.empty()), CopyRows.of(forms))) {
          rows.add(new String[] {each.getValue()});
          assertThatThrownBy(() -> rows.send(connection, into("refusing", 1), 0, 1))
              .isInstanceOfSatisfying(SQLException.class, e -> states.add(e.getSQLState()));
        }
        assertThat(states.get(1)).as(each.getKey()).isEqualTo(states.get(0));
        execute(connection, "DROP TABLE refusing");
      }
    }
  }

  @Test
  void typesWithoutKnownFormAreLeftToText() throws Exception {
    try (Connection connection = connections.open()) {
      for (String type :
          List.of("numeric", "text[]", "shorter", "interval", "inet", "further.uuid", "name")) {
        execute(connection, "CREATE TABLE unknown (c0 text, c1 " + type + ")");
        assertThat(BinaryForm.of(connection, "unknown", names(1))).isPresent();
        assertThat(BinaryForm.of(connection, "unknown", names(2))).as(type).isEmpty();
        execute(connection, "DROP TABLE unknown");
      }
    }
  }

  private static final String TABLES =
      """
      DROP TABLE IF EXISTS sessions, messages;
      CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,
        created_at timestamptz, updated_at timestamptz, metadata jsonb);
      CREATE TABLE messages (id bigint PRIMARY KEY, session_id text, role varchar_3,
        content text, created_at timestamptz, metadata jsonb, n serial);
      """;

  private PostgresSnapshotWriter writer() {
    List<Table> tables = connections.with("reading", PostgresCatalog::tables);
    TableBinding messages =
        LayoutBinding.bind("target", LayoutCatalog.load("callsphere"), tables, Map.of())
            .of(Kind.MESSAGE)
            .orElseThrow();
    Set<Field> supplied =
        Stream.of("message_id", "session_id", "role", "timestamp")
            .map(name -> Kind.MESSAGE.field(name).orElseThrow())
            .collect(Collectors.toSet());
    RowWriter writer = new RowWriter(messages, supplied, new Variables("", "", "", ""));
    return new PostgresSnapshotWriter(
        connections,
        new PostgresNames("binary"),
        Map.of(Kind.MESSAGE, new TargetTable(messages, writer)));
  }

  private static Entity message(int id, String role, String timestamp) {
    return Entity.of(Kind.MESSAGE)
        .set("message_id", Integer.toString(id))
        .set("session_id", "s")
        .set("role", role)
        .set("timestamp", timestamp)
        .build();
  }

  /** Numbers tell the order of rows; a cast would cut a text off. */
  @Test
  void rowsThatAreNoneInBinaryAreCopiedAsTextInTheirOrder() throws Exception {
    Servers.target().execute(DATABASE, TABLES);
    new PostgresLedger(connections, "binary")
        .open(
            new Ledger.Identity(
                "binary",
                "source",
                new Ledger.Side("callsphere", "source"),
                new Ledger.Side("callsphere", "target"),
                1));
    for (boolean overwrite : new boolean[] {false, true}) {
      try (PostgresSnapshotWriter snapshot = writer()) {
        snapshot.begin(CHUNK, overwrite);
        snapshot.write(message(1, "a", "2026-01-31T08:30:00.500000Z"));
        snapshot.write(message(2, "b", "infinity"));
        snapshot.write(message(3, "abcd", "infinity"));
        snapshot.write(message(4, "c", "2026-01-31T08:30:00.500000Z"));
        assertThat(snapshot.finish())
            .extracting(SnapshotWriter.Rejected::reason)
            .singleElement()
            .asString()
            .contains("22001");
        snapshot.commit(3);
      }
      assertThat(
              Servers.target()
                  .ask(
                      DATABASE,
                      "SELECT string_agg(role || created_at, ' ' ORDER BY n) FROM messages"))
          .isEqualTo("a2026-01-31 08:30:00.5+00 binfinity c2026-01-31 08:30:00.5+00");
    }
  }

  /** The same eight bytes are another value to another type. */
  @Test
  void typesStayAsTheyAreUntilTheRowsAreThere() throws Exception {
    Servers.target().execute(DATABASE, TABLES);
    PostgresSnapshotWriter snapshot = writer();
    // Changed after the catalog was read.
    Servers.target()
        .execute(DATABASE, "ALTER TABLE messages ALTER COLUMN id TYPE double precision");
    try (snapshot;
        Connection other = connections.open()) {
      snapshot.begin(CHUNK, false);
      snapshot.write(message(17, "a", "2026-01-31T08:30:00.500000Z"));
      execute(other, "SET lock_timeout = '300ms'");
      assertThatThrownBy(() -> execute(other, "ALTER TABLE messages ALTER COLUMN id TYPE bigint"))
          .hasMessageContaining("lock timeout");
      assertThat(snapshot.finish()).isEmpty();
      snapshot.commit(1);
      execute(other, "ALTER TABLE messages ALTER COLUMN id TYPE bigint");
    }
    assertThat(Servers.target().ask(DATABASE, "SELECT id FROM messages")).isEqualTo("17");
  }
}
