package dev.segue.layout;

import static dev.segue.layout.ArchiveTables.read;
import static dev.segue.layout.ArchiveTables.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Kind;
import dev.segue.finding.Finding;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.List;
import java.util.Map;
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
  void everyColumnThatAnArchiveLacksIsNamed() {
    LayoutBinding bound =
        LayoutBinding.bind(
            "source",
            read(LAYOUT),
            List.of(FIRST, table("s_old", "id", "who", "title", "extra")),
            Map.of());

    assertThat(bound.findings())
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING),
            finding -> assertThat(finding.subject()).isEqualTo("source public.s_old.channel"));
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
