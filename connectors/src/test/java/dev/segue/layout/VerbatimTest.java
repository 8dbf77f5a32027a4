package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Kind;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which tables hold the same on both sides, so that nobody has to read what their rows say. */
class VerbatimTest {
  private static final Column AGENT = column("agent_name", "text");
  private static final Column METADATA = column("metadata", "jsonb");

  private static Column column(String name, String type) {
    ColumnType of =
        new ColumnType(
            type.equals("jsonb") ? Family.JSON : Family.TEXT, type, type, Limits.NONE, null);
    return new Column(name, of, false, false, false, false);
  }

  private static Table table(String schema, String name, Column... more) {
    List<Column> columns = new ArrayList<>();
    columns.add(column("id", "text"));
    if (name.equals("messages")) {
      columns.add(column("session_id", "text"));
      columns.add(column("role", "text"));
      columns.add(column("content", "text"));
    }
    columns.add(column("created_at", "text"));
    columns.addAll(Arrays.asList(more));
    return new Table(new TableId(schema, name), columns, List.of("id"));
  }

  private static LayoutBinding bind(String layout, Table... tables) {
    return LayoutBinding.bind("source", LayoutCatalog.load(layout), List.of(tables), Map.of());
  }

  private static List<Kind> between(LayoutBinding source, LayoutBinding target) {
    return Verbatim.between(source, target).stream().map(Verbatim::kind).toList();
  }

  private static final LayoutBinding SOURCE =
      bind(
          "callsphere",
          table("public", "sessions", AGENT, METADATA),
          table("public", "messages", METADATA));

  @Test
  void sameColumnsOfTheSameLayoutAreTheSame() {
    LayoutBinding target =
        bind(
            "callsphere",
            table("elsewhere", "messages", METADATA),
            table("elsewhere", "sessions", METADATA, AGENT));

    List<Verbatim> found = Verbatim.between(SOURCE, target);

    assertThat(found).extracting(Verbatim::kind).containsExactly(Kind.SESSION, Kind.MESSAGE);
    assertThat(found).extracting(Verbatim::session).containsExactly("id", "session_id");
    assertThat(found.get(0).source()).isEqualTo(new TableId("public", "sessions"));
    assertThat(found.get(0).target()).isEqualTo(new TableId("elsewhere", "sessions"));
    assertThat(found.get(0).columns())
        .extracting(Column::name)
        .containsExactly("id", "created_at", "agent_name", "metadata");
  }

  @Test
  void columnThatOneSideLacksOrHasOfAnotherTypeIsNot() {
    Table messages = table("public", "messages", METADATA);

    assertThat(between(SOURCE, bind("callsphere", messages, table("public", "sessions", METADATA))))
        .containsExactly(Kind.MESSAGE);
    assertThat(
            between(
                SOURCE,
                bind(
                    "callsphere",
                    messages,
                    table("public", "sessions", column("agent_name", "varchar"), METADATA))))
        .containsExactly(Kind.MESSAGE);
  }

  @Test
  void columnThatTheLayoutDoesNotListIsBroughtElsewhere() {
    Table messages = table("public", "messages", METADATA);
    Table more = table("public", "sessions", AGENT, METADATA, column("mood", "text"));

    assertThat(between(bind("callsphere", messages, more), bind("callsphere", messages, more)))
        .containsExactly(Kind.MESSAGE);
    // One that only the target has is its own.
    assertThat(between(SOURCE, bind("callsphere", messages, more)))
        .containsExactlyInAnyOrder(Kind.SESSION, Kind.MESSAGE);
  }

  @Test
  void sessionsUnderAnIdOfTheirOwnAreNot() {
    TableBinding table = BoundTables.binding("aria-engine", Kind.SESSION);
    LayoutBinding same =
        new LayoutBinding(LayoutCatalog.load("aria-engine"), List.of(table), List.of());

    assertThat(Verbatim.between(same, same)).isEmpty();
  }

  @Test
  void kindInSeveralTablesIsNot() {
    LayoutBinding twice =
        new LayoutBinding(
            SOURCE.layout(),
            List.of(SOURCE.tables().get(0), SOURCE.tables().get(0), SOURCE.tables().get(1)),
            List.of());

    assertThat(between(twice, SOURCE)).containsExactly(Kind.MESSAGE);
    assertThat(between(SOURCE, twice)).containsExactly(Kind.MESSAGE);
  }
}
