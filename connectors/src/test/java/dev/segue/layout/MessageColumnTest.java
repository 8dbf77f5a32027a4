package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Row;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables with a column that holds a whole message, and with numbers of their own. */
class MessageColumnTest {
  private static final Variables VARIABLES = new Variables("s", "t", "m", "2026-01-01T00:00:00Z");
  private static final String TIME = "2026-01-31T08:30:00.000000Z";
  private static final String ITEM = "{\"id\":\"m\",\"role\":\"user\",\"content\":\"hi\"}";

  private static Column column(String name, Family family) {
    ColumnType type = new ColumnType(family, family.name(), family.name(), Limits.NONE, null);
    return new Column(name, type, true, false, false, false);
  }

  /** A number that the database gives. */
  private static Column number(String name) {
    Column column = column(name, Family.INTEGER);
    return new Column(name, column.type(), true, true, false, false);
  }

  private static Table items(String key, Column... more) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                number("id"),
                column("session_id", Family.TEXT),
                column("message_data", Family.TEXT),
                column("created_at", Family.LOCAL_TIMESTAMP)));
    columns.addAll(List.of(more));
    return new Table(new TableId("public", "agent_messages"), columns, List.of(key));
  }

  private static final Table OF_THE_SDK = items("id");
  private static final Table OF_SEGUE = items("segue_id", column("segue_id", Family.TEXT));

  private static TableBinding bind(String side, String layout, Table table) {
    return LayoutBinding.bind(side, LayoutCatalog.load(layout), List.of(table), Map.of())
        .of(Kind.MESSAGE)
        .orElseThrow();
  }

  private static TableBinding items(Table table) {
    return bind("target", "openai-agents-sql", table);
  }

  private static RowWriter writer(TableBinding target, RowReader reader) {
    return new RowWriter(target, reader.supplied(), VARIABLES);
  }

  private static List<Finding> findings(TableBinding from, TableBinding to) {
    RowReader reader = new RowReader(from);
    return new MappingCheck(from, to, reader, writer(to, reader)).findings();
  }

  /** Another system's table, whose ids are texts. */
  private static TableBinding ofTexts() {
    Table table =
        new Table(
            new TableId("public", "messages"),
            List.of(
                column("id", Family.TEXT),
                column("session_id", Family.TEXT),
                column("role", Family.TEXT),
                column("content", Family.TEXT),
                column("created_at", Family.INSTANT)),
            List.of("id"));
    return bind("source", "callsphere", table);
  }

  @Test
  void itemPassesFromTableToTableAsItIs() {
    RowReader reader = new RowReader(items(OF_THE_SDK));
    RowWriter writer = writer(items(OF_THE_SDK), reader);
    String[] row = {"7", "s", ITEM, TIME};

    Entity message = reader.read(row);

    assertThat(message.text("message_id")).isEqualTo("7");
    assertThat(message.text("content")).isEqualTo("hi");
    assertThat(writer.write(message).values()).containsExactly(row);
    assertThat(findings(items(OF_THE_SDK), items(OF_THE_SDK))).isEmpty();
  }

  @Test
  void columnsThatAreNotListedStayBesideTheMessage() {
    TableBinding table = items(items("id", column("tenant", Family.TEXT)));
    RowReader reader = new RowReader(table);

    Entity message = reader.read(new String[] {"7", "s", ITEM, TIME, "acme"});

    assertThat(message.text("unknown"))
        .isEqualTo(
            "{\"openai-item\":\"{\\\"id\\\":\\\"m\\\",\\\"role\\\":\\\"user\\\","
                + "\\\"content\\\":\\\"hi\\\"}\",\"tenant\":\"acme\"}");
    assertThat(findings(table, items(OF_THE_SDK)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.subject()).isEqualTo("message.unknown"));
  }

  @Test
  void largeItemThatTheLogLeavesOutIsLeftAsItIs() {
    RowReader reader = new RowReader(items(OF_THE_SDK));
    RowWriter writer = writer(items(OF_THE_SDK), reader);

    Written written = writer.write(reader.read(new String[] {"7", "s", Row.ABSENT, TIME}));

    assertThat(written.values()).containsExactly("7", "s", Row.ABSENT, TIME);
  }

  @Test
  void messageOfWhichAPartIsUnknownIsRefused() {
    RowReader reader = new RowReader(ofTexts());
    RowWriter writer = writer(items(OF_SEGUE), reader);
    Entity message = reader.read(new String[] {"7", "s", "user", Row.ABSENT, TIME});

    assertThatThrownBy(() -> writer.write(message))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessageContaining("column message_data")
        .hasMessageContaining("REPLICA IDENTITY FULL");
  }

  @Test
  void rowThatTheTargetNumbersIsFoundByAnIdOfItsOwn() {
    RowReader reader = new RowReader(ofTexts());
    RowWriter writer = writer(items(OF_SEGUE), reader);

    Written written = writer.write(reader.read(new String[] {"u/0", "s", "user", "hi", TIME}));

    assertThat(writer.columns()).extracting(Column::name).doesNotContain("id");
    assertThat(written.values())
        .containsExactly("s", "{\"role\":\"user\",\"content\":\"hi\"}", TIME, "u/0");
    assertThat(findings(ofTexts(), items(OF_SEGUE))).filteredOn(Finding::isError).isEmpty();
    assertThat(findings(ofTexts(), items(OF_SEGUE)))
        .anySatisfy(finding -> assertThat(finding.message()).contains("numbered as rows are"));
  }

  @Test
  void textsDoNotBecomeNumbers() {
    assertThat(findings(ofTexts(), items(OF_THE_SDK)))
        .filteredOn(Finding::isError)
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.remedy())
                    .contains("ALTER TABLE public.agent_messages ADD COLUMN segue_id text NOT NULL")
                    .contains("ADD PRIMARY KEY (segue_id), ADD UNIQUE (id)"));
    assertThat(findings(ofTexts(), items(items("id", column("segue_id", Family.TEXT)))))
        .filteredOn(Finding::isError)
        .singleElement()
        .satisfies(finding -> assertThat(finding.remedy()).contains("ADD PRIMARY KEY (segue_id)"));
  }

  private static final String CALLS =
      "[{\"id\":\"c1\",\"name\":\"f\",\"arguments\":{}},{\"id\":\"c2\",\"name\":\"g\",\"arguments\":{}}]";

  private static Entity calling(String content, String calls) {
    return Entity.of(Kind.MESSAGE)
        .set("message_id", "u")
        .set("session_id", "s")
        .set("timestamp", TIME)
        .set("role", "assistant")
        .set("content", content)
        .set("content_form", "string")
        .set("tool_calls", calls)
        .build();
  }

  private static RowWriter writerOf(Entity message, Table table) {
    Set<Field> told = new HashSet<>(Kind.MESSAGE.fields());
    told.removeIf(message::isAbsent);
    return new RowWriter(items(table), told, VARIABLES);
  }

  @Test
  void messageWithATextAndCallsIsARowForEach() {
    Entity message = calling("Wait.", CALLS);
    RowWriter writer = writerOf(message, OF_SEGUE);

    assertThat(writer.writeItems(message).stream().map(Written::values))
        .containsExactly(
            new String[] {"s", "{\"role\":\"assistant\",\"content\":\"Wait.\"}", TIME, "u"},
            new String[] {"s", call("c1", "f"), TIME, "u/item-2"},
            new String[] {"s", call("c2", "g"), TIME, "u/item-3"});
    assertThat(writer.writeItems(calling("", CALLS)).stream().map(Written::values))
        .containsExactly(
            new String[] {"s", call("c1", "f"), TIME, "u"},
            new String[] {"s", call("c2", "g"), TIME, "u/item-2"});
    assertThat(writer.items(calling("Wait.", null))).containsExactly(calling("Wait.", null));
  }

  private static String call(String id, String name) {
    return "{\"type\":\"function_call\",\"call_id\":\""
        + id
        + "\",\"name\":\""
        + name
        + "\",\"arguments\":\"{}\"}";
  }

  @Test
  void messageIsNotSplitWhereIdsAreNumbersOrItsCallsAreUnknown() {
    Entity message = calling("Wait.", CALLS);
    RowWriter numbers = writerOf(message, OF_THE_SDK);

    assertThat(numbers.splitsMessages()).isFalse();
    assertThatThrownBy(() -> numbers.writeItems(message))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessageContaining("a text and 2 tool calls in one item");

    Entity large =
        Entity.of(Kind.MESSAGE)
            .set("message_id", "u")
            .set("session_id", "s")
            .set("timestamp", TIME)
            .build();
    RowWriter texts = writerOf(message, OF_SEGUE);
    assertThat(texts.tellsItems(large)).isFalse();
    assertThat(texts.items(large)).containsExactly(large);
  }

  @ParameterizedTest
  @CsvSource({"u,u,1", "u/item-2,u,2", "u/item-x,u/item-x,1", "a/item-3/item-12,a/item-3,12"})
  void itemTellsItsMessageAndItsPlace(String id, String message, int place) {
    assertThat(ItemIds.messageOf(id)).isEqualTo(message);
    assertThat(ItemIds.placeOf(id)).isEqualTo(place);
    assertThat(ItemIds.of(message, place)).isEqualTo(id);
  }

  @Test
  void messageThatIsNoneIsNamedByItsColumn() {
    RowReader reader = new RowReader(items(OF_THE_SDK));

    assertThatThrownBy(() -> reader.read(new String[] {"7", "s", "[\"secret\"]", TIME}))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessage("column message_data is not a JSON object");
  }
}
