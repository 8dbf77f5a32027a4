package dev.segue.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Entity;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Tables that rows of another one are moved into. */
class ArchiveTest {
  private static final String LAYOUT =
      """
      layout: mine
      tables:
        - entity: session
          table: s
          archives: [s_old, s_older]
          columns:
            id: session_id
            who: {field: user_id, default: nobody}
            title: title
            extra: {field: metadata, rest: _segue}
      """;

  private static final Variables VARIABLES = new Variables("mine", "s", "m", "now");

  private static Layout read(String text) {
    return new LayoutReader(Optional.empty()).read("mine.yaml", text);
  }

  private static Column column(String name) {
    Family family = name.equals("extra") ? Family.JSON : Family.TEXT;
    String type = name.equals("number") ? "bigint" : family.name();
    return new Column(
        name.equals("number") ? "id" : name,
        new ColumnType(family, type, type, Limits.NONE, null),
        false,
        false,
        false,
        false);
  }

  private static Table table(String name, String... columns) {
    return new Table(
        new TableId("public", name),
        List.of(columns).stream().map(ArchiveTest::column).toList(),
        List.of("id"));
  }

  private static LayoutBinding bind(String side, Table... tables) {
    return LayoutBinding.bind(side, read(LAYOUT), List.of(tables), Map.of());
  }

  private static final Table FIRST = table("s", "id", "who", "title", "extra", "channel");

  @Test
  void archivesThatAreThereComeBehindTheFirst() {
    LayoutBinding bound =
        bind("source", table("s_older", "id", "who", "title", "extra", "channel", "at"), FIRST);

    assertThat(bound.tables())
        .extracting(t -> t.table().id().name())
        .containsExactly("s", "s_older");
    assertThat(bound.of(Kind.SESSION)).contains(bound.tables().get(0));
    assertThat(bound.before(bound.tables().get(1))).containsExactly(bound.tables().get(0));
    assertThat(bound.before(bound.tables().get(0))).isEmpty();
    // What tells of the move is not the session's; what the layout does not list is.
    assertThat(new RowReader(bound.tables().get(1)).unlisted()).containsExactly("channel");
    assertThat(bound.findings())
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.LOSSY),
            finding -> assertThat(finding.subject()).isEqualTo("source public.s_older.at"));
  }

  @Test
  void targetHasNone() {
    assertThat(
            LayoutBinding.bind(
                    "target",
                    read(LAYOUT).withoutArchives(),
                    List.of(FIRST, table("s_old", "id")),
                    Map.of())
                .tables())
        .hasSize(1);
  }

  @Test
  void archiveWhoseRowsCannotBeToldIsRefused() {
    assertThat(bind("source", FIRST, table("s_old", "number", "who", "title", "extra")).findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.isError()).isTrue();
              assertThat(finding.message()).contains("is bigint, but public.s.id is TEXT");
            });
    assertThat(bind("source", FIRST, table("s_old", "who", "title", "extra")).findings())
        .anySatisfy(
            finding -> assertThat(finding.message()).contains("is missing, but public.s.id"));
  }

  @Test
  void nameInSeveralSchemasIsSettledByTheUser() {
    Table elsewhere = new Table(new TableId("attic", "s_old"), FIRST.columns(), FIRST.primaryKey());
    Table here = new Table(new TableId("public", "s_old"), FIRST.columns(), FIRST.primaryKey());
    assertThat(bind("source", FIRST, here, elsewhere).findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.remedy()).contains("{s_old: public.s_old}"));
    LayoutBinding bound =
        LayoutBinding.bind(
            "source",
            read(LAYOUT),
            List.of(FIRST, here, elsewhere),
            Map.of("s_old", "attic.s_old"));
    assertThat(bound.findings()).isEmpty();
    assertThat(bound.tables().get(1).table()).isEqualTo(elsewhere);
    assertThat(
            LayoutBinding.bind(
                    "source", read(LAYOUT), List.of(FIRST), Map.of("s_old", "attic.s_old"))
                .findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("table not found"));
  }

  @Test
  void whatAnArchiveCannotTellStaysAsItIs() {
    LayoutBinding bound = bind("source", FIRST, table("s_old", "id", "extra", "channel"));
    Set<dev.segue.canonical.Field> told =
        new LinkedHashSet<>(new RowReader(bound.tables().get(0)).supplied());
    RowReader reader = new RowReader(bound.tables().get(1), told, UnaryOperator.identity());
    Set<dev.segue.canonical.Field> seldom = new LinkedHashSet<>(told);
    seldom.removeAll(reader.supplied());
    assertThat(seldom)
        .extracting(dev.segue.canonical.Field::name)
        .containsExactly("user_id", "title");
    Entity entity = reader.read(new String[] {"s1", "{\"n\":1}", "web"});
    assertThat(entity.isAbsent(Kind.SESSION.field("title").orElseThrow())).isTrue();

    RowWriter writer = new RowWriter(bound.tables().get(0), told, Set.of(), seldom, VARIABLES);
    Written row = writer.write(entity);

    // Whole, so that it can be inserted, but silent about what is there.
    assertThat(row.isWhole()).isTrue();
    Map<String, String> values = new LinkedHashMap<>();
    List<String> insertOnly = new ArrayList<>();
    for (int i = 0; i < row.values().length; i++) {
      values.put(writer.columns().get(i).name(), row.values()[i]);
      if (row.insertOnly().get(i)) {
        insertOnly.add(writer.columns().get(i).name());
      }
    }
    assertThat(insertOnly).containsExactly("who", "title");
    assertThat(values)
        .containsEntry("who", "nobody")
        .containsEntry("title", null)
        .containsEntry("extra", "{\"n\":1,\"_segue\":{\"unknown\":{\"channel\":\"web\"}}}");

    // A null is told, and written.
    Entity known =
        new RowReader(bound.tables().get(0), told, UnaryOperator.identity())
            .read(new String[] {"s1", "u", null, null, null});
    Written over = writer.write(known);
    assertThat(over.insertOnly().isEmpty()).isTrue();
    assertThat(over.values()).noneMatch(Row::isAbsent);
  }

  @Test
  void onlyTablesHaveArchivesAndEachOnce() {
    assertThatThrownBy(() -> read(LAYOUT.replace("s_older", "s")))
        .hasMessageContaining("names a table twice");
    assertThatThrownBy(
            () ->
                read(
                    """
                    layout: mine
                    tables:
                      - entity: session
                        table: s
                        key: "s:{session_id}"
                        archives: [t]
                        columns: {"{session_id}": session_id}
                    """))
        .hasMessageContaining("which a store of keys does not have");
  }
}
