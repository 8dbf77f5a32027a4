package dev.segue.layout;

import static dev.segue.layout.BoundTables.VARIABLES;
import static dev.segue.layout.BoundTables.asMap;
import static dev.segue.layout.BoundTables.binding;
import static dev.segue.layout.BoundTables.expand;
import static dev.segue.layout.BoundTables.pick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Row;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Rows of one layout to rows of another and back. */
class MappingTest {
  private final TableBinding fromSessions = binding("callsphere", Kind.SESSION);
  private final TableBinding fromMessages = binding("callsphere", Kind.MESSAGE);
  private final TableBinding toSessions = binding("aria-engine", Kind.SESSION);
  private final TableBinding toMessages = binding("aria-engine", Kind.MESSAGE);

  @Test
  void sessionGetsTheEnvelope() {
    RowReader reader = new RowReader(fromSessions);
    RowWriter writer = new RowWriter(toSessions, reader.supplied(), VARIABLES);
    String[] row = {
      "42",
      "u1",
      null,
      "2026-01-31T08:30:00.000000Z",
      "2026-01-31T08:30:01.000000Z",
      "{\"model\":\"kimi\",\"n\":1.10}"
    };

    Map<String, String> written = asMap(writer, writer.write(reader.read(row)));

    assertThat(written)
        .containsEntry("id", "00000000-0000-802a-8e67-75656e756d31")
        .containsEntry("agent_id", "main")
        .containsEntry("model", "kimi")
        .containsEntry("status", "active")
        .containsEntry(
            "metadata",
            "{\"migrated_from\":\"sessions\",\"migration_date\":\"2026-01-01T00:00:00.000000Z\","
                + "\"original_type\":null,\"original_metadata\":{\"model\":\"kimi\",\"n\":1.10},"
                + "\"source\":\"unknown\",\"segue\":{\"user_id\":\"u1\",\"agent_name\":null,"
                + "\"status\":null,\"model\":null}}")
        .doesNotContainKeys("title", "message_count");
  }

  private static final String[] SESSION = {
    "42",
    "u1",
    null,
    "2026-01-31T08:30:00.000000Z",
    "2026-01-31T08:30:01.000000Z",
    "{\"model\":\"kimi\",\"n\":1.10}"
  };

  /** A session as the target has it, with the given columns changed there since. */
  private Map<String, String> atTarget(Map<String, String> changed) {
    RowReader reader = new RowReader(fromSessions);
    RowWriter writer = new RowWriter(toSessions, reader.supplied(), VARIABLES);
    Map<String, String> row = asMap(writer, writer.write(reader.read(SESSION)));
    row.putAll(changed);
    return row;
  }

  /** What the way back makes of it. */
  private Map<String, String> home(Map<String, String> target) {
    RowReader reader = new RowReader(toSessions);
    RowWriter writer = new RowWriter(fromSessions, reader.supplied(), reader.restored(), VARIABLES);
    String[] row =
        toSessions.table().columns().stream()
            .map(column -> target.get(column.name()))
            .toArray(String[]::new);
    return asMap(writer, writer.write(reader.read(row)));
  }

  @Test
  void sessionThatNobodyChangedComesHomeAsItWas() {
    assertThat(home(atTarget(Map.of())))
        .containsEntry("id", "42")
        .containsEntry("user_id", "u1")
        .containsEntry("agent_name", null)
        .containsEntry("metadata", SESSION[5]);
  }

  @Test
  void keptValueCountsOnlyWhileItsColumnIsUntouched() {
    Map<String, String> home =
        home(atTarget(Map.of("agent_id", "sales", "model", "other", "title", "grown")));

    assertThat(home)
        .containsEntry("agent_name", "sales")
        .containsEntry("user_id", "u1")
        .containsEntry(
            "metadata",
            "{\"model\":\"kimi\",\"n\":1.10,\"_segue\":{\"title\":\"grown\","
                + "\"model\":\"other\"}}");
  }

  @Test
  void fieldThatWasNotKeptIsFilledInNewRowsOnly() {
    RowReader reader = new RowReader(toSessions);
    RowWriter writer = new RowWriter(fromSessions, reader.supplied(), reader.restored(), VARIABLES);
    String[] ofTheTarget =
        toSessions.table().columns().stream()
            .map(
                column ->
                    switch (column.name()) {
                      case "id" -> "3f0f5b1a-2c41-4b7e-9d2f-6a1f0c8e7b55";
                      case "metadata" -> "{\"own\":1}";
                      default -> null;
                    })
            .toArray(String[]::new);

    Written written = writer.write(reader.read(ofTheTarget));

    assertThat(asMap(writer, written))
        .containsEntry("user_id", "unknown")
        .containsEntry("metadata", "{\"own\":1}");
    int user = writer.columns().stream().map(Column::name).toList().indexOf("user_id");
    assertThat(written.insertOnly().stream()).containsExactly(user);
    assertThat(written.isWhole()).isTrue();
  }

  @Test
  void derivedColumnIsNullWhereThereIsNothingToLookUp() {
    TableLayout table =
        new LayoutReader(Optional.empty())
            .read(
                "m.yaml",
                """
                layout: m
                tables:
                  - entity: session
                    table: s
                    columns: {id: session_id, origin: {or: [metadata.source]}}
                """)
            .tables()
            .get(0);
    ColumnType text = new ColumnType(Family.TEXT, "text", "text", Limits.NONE, null);
    List<Column> columns =
        List.of(
            new Column("id", text, true, false, false, false),
            new Column("origin", text, false, false, false, false));
    TableBinding binding =
        new TableBinding(table, new Table(new TableId("s", "t"), columns, List.of("id")));
    RowReader reader = new RowReader(fromSessions);
    RowWriter writer = new RowWriter(binding, reader.supplied(), VARIABLES);

    Written written = writer.write(reader.read(new String[] {"42", null, null, null, null, "{}"}));

    assertThat(written.values()).containsExactly("42", null);
    assertThat(written.isWhole()).isTrue();
  }

  @Property
  void messageComesBackFromTheOtherSideAsItWas(@ForAll Random random) {
    RowReader reader = new RowReader(fromMessages);
    RowWriter writer = new RowWriter(toMessages, reader.supplied(), VARIABLES);
    RowReader back = new RowReader(toMessages);
    String[] row = {
      Long.toString(random.nextLong() >>> 8),
      pick(random, "7", "7c1e0f9a-3b5d-4e6f-8a9b-0c1d2e3f4a5b"),
      pick(random, "user", "tool"),
      pick(random, null, "", "hi \"there\"\n"),
      pick(random, "2026-01-31T08:30:00.000000Z", "infinity"),
      pick(random, null, "", "call_1"),
      pick(random, null, "lookup"),
      pick(random, null, "null", "{}", "[1, 2.0]", "{\"a\":1.10}", "\"text\""),
    };
    Entity entity = reader.read(row);

    Written written = writer.write(entity);
    Entity returned = back.read(expand(toMessages, writer, written));

    for (Field field : reader.supplied()) {
      assertThat(returned.text(field)).as(field.name()).isEqualTo(entity.text(field));
    }
  }

  @Test
  void deletedRowTellsAnIdentifierThatItsColumnCannot() {
    RowReader reader = new RowReader(fromMessages);
    RowWriter writer = new RowWriter(toMessages, reader.supplied(), VARIABLES);
    Entity entity =
        reader.read(
            new String[] {
              "msg_1", "42", "user", "hi", "2026-01-31T08:30:00.000000Z", null, null, null
            });
    String[] row = expand(toMessages, writer, writer.write(entity));
    RowReader back = new RowReader(toMessages);

    assertThat(back.readIdentity(row).text("message_id")).isEqualTo("msg_1");
    row[toMessages.table().indexOf("metadata")] = "{\"a\":1,\"a\":2}";
    assertThat(back.readIdentity(row).text("message_id")).isEqualTo(Identifiers.toUuid("msg_1"));
  }

  @Test
  void sessionThatWasMadeAUuidIsReadByItsName() {
    RowReader named =
        new RowReader(
            toMessages,
            java.util.Set.of(),
            id -> id.equals(Identifiers.toUuid("web/alice")) ? "web/alice" : id);
    String[] row = new String[toMessages.table().columns().size()];
    row[toMessages.table().indexOf("id")] = "7c1e0f9a-3b5d-4e6f-8a9b-0c1d2e3f4a5b";
    row[toMessages.table().indexOf("session_id")] = Identifiers.toUuid("web/alice");

    assertThat(named.read(row).sessionId()).isEqualTo("web/alice");
    assertThat(named.readIdentity(row).sessionId()).isEqualTo("web/alice");
    assertThat(named.sessionIdOf(Identifiers.toUuid("web/alice"))).isEqualTo("web/alice");
    assertThat(named.sessionText("web/alice")).isEqualTo(Identifiers.toUuid("web/alice"));
  }

  @Test
  void unchangedLargeDocumentLeavesItsPartOfTheEnvelopeAlone() {
    RowReader reader = new RowReader(fromSessions);
    RowWriter writer = new RowWriter(toSessions, reader.supplied(), VARIABLES);
    String[] row = {
      "42", "u2", "a", "2026-01-31T08:30:00.000000Z", "2026-01-31T08:30:01.000000Z", Row.ABSENT
    };

    Written written = writer.write(reader.read(row));
    Map<String, String> map = asMap(writer, written);

    assertThat(written.isWhole()).isFalse();
    assertThat(map.get("metadata"))
        .contains("\"segue\":{\"user_id\":\"u2\"")
        .doesNotContain("original_metadata");
    assertThat(Row.isAbsent(map.get("model"))).isTrue();

    String[] before = row.clone();
    before[1] = "u1";
    before[5] = "{\"model\":\"kimi\"}";
    Written merged = written.over(writer.write(reader.read(before)));
    assertThat(merged.isWhole()).isTrue();
    assertThat(asMap(writer, merged).get("metadata"))
        .contains("\"original_metadata\":{\"model\":\"kimi\"}")
        .contains("\"user_id\":\"u2\"");
    assertThat(asMap(writer, merged)).containsEntry("model", "kimi");
  }

  /** Whoever has a type for JSON has looked himself. */
  @Test
  void badJsonInATextIsRefusedByColumnNameAndWithoutItsValue() {
    RowReader reader = new RowReader(BoundTables.withText(fromMessages, "metadata"));
    String[] row = {"1", "2", "user", "x", "infinity", null, null, "{secret"};

    assertThatThrownBy(() -> reader.read(row))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessageContaining("column metadata")
        .hasMessageNotContaining("secret");
  }

  @Test
  void messageWithoutSessionIsRefused() {
    RowReader reader = new RowReader(fromMessages);
    String[] row = {"1", null, "user", "x", "infinity", null, null, null};

    assertThatThrownBy(() -> reader.read(row))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessageContaining("belongs to no session");
  }

  @Test
  void segueLayoutHasAColumnForEveryField() {
    Layout layout = LayoutCatalog.load("segue-postgres");

    assertThat(layout.tables()).extracting(TableLayout::kind).containsExactly(Kind.values());
    for (TableLayout table : layout.tables()) {
      assertThat(table.columns()).hasSize(table.kind().fields().size());
      assertThat(layout.ddl().orElseThrow()).contains(table.table());
    }
  }
}
