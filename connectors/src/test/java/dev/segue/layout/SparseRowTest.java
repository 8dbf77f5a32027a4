package dev.segue.layout;

import static dev.segue.layout.ArchiveTables.read;
import static dev.segue.layout.ArchiveTables.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Entity;
import dev.segue.canonical.JsonText;
import dev.segue.canonical.Kind;
import dev.segue.relational.Row;
import dev.segue.relational.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What rows leave as it is that cannot tell all of what others of their kind can. */
class SparseRowTest {
  private static final Variables VARIABLES = new Variables("mine", "s", "m", "now");

  private static final String PLAIN =
      """
      layout: mine
      tables:
        - entity: session
          table: s
          archives: [s_old]
          columns:
            id: session_id
            who: {field: user_id, default: nobody}
            title: title
            extra: {field: metadata, rest: _segue}
      """;

  private static final String TARGET =
      """
      layout: theirs
      tables:
        - entity: session
          table: c
          columns:
            id: session_id
            who: user_id
            extra:
              object:
                kind: session_type
                own: metadata
                from: {or: [metadata.source], default: unknown}
              plain: metadata
              rest: segue
      """;

  private static final String DOCUMENTS =
      """
      layout: theirs
      tables:
        - entity: session
          table: c
          columns:
            id: session_id
            extra: {field: metadata, rest: _segue}
      """;

  private static final String SOURCE =
      """
      layout: mine
      tables:
        - entity: session
          table: s
          archives: [s_old]
          columns:
            id: session_id
            who: {field: user_id, optional: true}
            title: {field: title, optional: true}
            kind: {field: session_type, optional: true}
            extra: {field: metadata, rest: _segue, optional: true}
      """;

  private static final Table WIDE =
      table("s", "id", "who", "title", "kind", "extra", "channel", "thread");

  /** The first table and one archive, with a writer for what both tell. */
  private static final class Pair {
    private final RowReader first;
    private final RowReader archive;
    private final RowWriter writer;

    Pair(String target, String... archived) {
      LayoutBinding bound =
          LayoutBinding.bind(
              "source", read(SOURCE), List.of(WIDE, table("s_old", archived)), Map.of());
      TableBinding there =
          LayoutBinding.bind(
                  "target", read(target), List.of(table("c", "id", "who", "extra")), Map.of())
              .tables()
              .get(0);
      Set<dev.segue.canonical.Field> told = new RowReader(bound.tables().get(0)).supplied();
      first = new RowReader(bound.tables().get(0), told, UnaryOperator.identity());
      archive = new RowReader(bound.tables().get(1), told, UnaryOperator.identity());
      Set<dev.segue.canonical.Field> seldom = new LinkedHashSet<>(told);
      seldom.removeAll(archive.supplied());
      Set<String> unlisted = new LinkedHashSet<>(first.unlisted());
      unlisted.removeAll(archive.unlisted());
      writer = new RowWriter(there, told, Set.of(), new Seldom(seldom, unlisted), false, VARIABLES);
    }

    Written first(String... row) {
      return writer.write(first.read(row));
    }

    Written archived(String... row) {
      return writer.write(archive.read(row));
    }

    /** What the document becomes. */
    String extra(Written row) {
      int extra = writer.columns().size() - 1;
      return row.values()[extra] == null ? null : JsonText.normal(row.values()[extra]);
    }

    /** The document of a row that is there, once another row is written over it. */
    String over(Written row, Written there) {
      int extra = writer.columns().size() - 1;
      Map<Integer, String> document = new HashMap<>();
      document.put(extra, there.values()[extra]);
      Written laid = row.over(document);
      assertThat(laid.untold()).isEmpty();
      // Rows of one batch are laid over each other by another way, to the same end.
      assertThat(extra(row.over(there))).isEqualTo(extra(laid));
      return extra(laid);
    }
  }

  @Test
  void whatAnArchiveCannotTellStaysAsItIs() {
    LayoutBinding bound =
        LayoutBinding.bind(
            "source",
            read(PLAIN),
            List.of(
                table("s", "id", "who", "title", "extra", "channel"),
                table("s_old", "id", "extra", "channel")),
            Map.of());
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

    RowWriter writer =
        new RowWriter(
            bound.tables().get(0), told, Set.of(), new Seldom(seldom, Set.of()), false, VARIABLES);
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
  void membersThatAnArchiveTellsAreWrittenAndOthersStay() {
    Pair pair = new Pair(TARGET, "id", "title", "extra", "thread");
    Written there = pair.first("s1", "u", "old", "chat", "{\"source\":\"a\"}", "web", "1");
    assertThat(there.untold()).isEmpty();
    assertThat(pair.extra(there))
        .isEqualTo(
            "{\"from\":\"a\",\"kind\":\"chat\",\"own\":{\"source\":\"a\"},"
                + "\"segue\":{\"title\":\"old\","
                + "\"unknown\":{\"channel\":\"web\",\"thread\":\"1\"}}}");

    Written moved = pair.archived("s1", "new", "{\"source\":\"b\"}", "2");

    assertThat(moved.isWhole()).isTrue();
    assertThat(pair.over(moved, there))
        .isEqualTo(
            "{\"from\":\"b\",\"kind\":\"chat\",\"own\":{\"source\":\"b\"},"
                + "\"segue\":{\"title\":\"new\","
                + "\"unknown\":{\"channel\":\"web\",\"thread\":\"2\"}}}");
    // What is known to be null goes.
    Written empty = pair.archived("s1", null, null, null);
    assertThat(pair.over(empty, there))
        .isEqualTo(
            "{\"from\":\"unknown\",\"kind\":\"chat\",\"own\":null,"
                + "\"segue\":{\"unknown\":{\"channel\":\"web\",\"thread\":null}}}");
    // One that is new gets the defaults.
    assertThat(pair.extra(moved)).contains("\"kind\":null", "\"from\":\"b\"");
  }

  @Test
  void archiveWithoutTheDocumentLeavesItAndTellsTheRest() {
    Pair pair = new Pair(TARGET, "id", "title", "kind");
    Written there = pair.first("s1", "u", "old", "chat", "{\"source\":\"a\"}", "web", "1");

    assertThat(pair.over(pair.archived("s1", "new", "cron"), there))
        .isEqualTo(
            "{\"from\":\"a\",\"kind\":\"cron\",\"own\":{\"source\":\"a\"},"
                + "\"segue\":{\"title\":\"new\","
                + "\"unknown\":{\"channel\":\"web\",\"thread\":\"1\"}}}");
  }

  @Test
  void documentOfItsOwnIsWrittenOrStays() {
    Pair knows = new Pair(DOCUMENTS, "id", "title", "extra", "thread");
    Written object = knows.first("s1", "u", "old", "chat", "{\"n\":1}", "web", "1");
    Written list = knows.first("s1", "u", "old", "chat", "[1]", "web", "1");
    Written json = knows.first("s1", "u", "old", "chat", "null", "web", "1");
    String rest =
        "\"_segue\":{%s\"session_type\":\"chat\",\"title\":\"new\","
            + "\"unknown\":{\"channel\":\"web\",\"thread\":\"2\"},\"user_id\":\"u\"}";
    for (Written there : List.of(object, list, json)) {
      assertThat(knows.over(knows.archived("s1", "new", "{\"n\":2}", "2"), there))
          .isEqualTo("{" + rest.formatted("") + ",\"n\":2}");
      assertThat(knows.over(knows.archived("s1", "new", "[2]", "2"), there))
          .isEqualTo("{" + rest.formatted("\"metadata\":[2],") + "}");
    }

    Pair lacks = new Pair(DOCUMENTS, "id", "title", "channel", "thread");
    Written moved = lacks.archived("s1", "new", "web", "2");
    assertThat(lacks.over(moved, object)).isEqualTo("{" + rest.formatted("") + ",\"n\":1}");
    assertThat(lacks.over(moved, list)).isEqualTo("{" + rest.formatted("\"metadata\":[1],") + "}");
    assertThat(lacks.over(moved, json))
        .isEqualTo("{" + rest.formatted("\"$json_null\":[\"metadata\"],") + "}");
    Written nothing = lacks.first("s1", "u", "old", "chat", null, "web", "1");
    assertThat(lacks.over(moved, nothing))
        .isEqualTo("{" + rest.formatted("\"metadata\":null,") + "}");
  }

  @Test
  void whatNeitherOfTwoRowsTellsStays() {
    Untold one =
        new Untold.OfObject(
            Set.of("a", "b"), Map.of(), Optional.empty(), new Untold.OfRest(Set.of(), Set.of()));
    Untold other =
        new Untold.OfObject(
            Set.of("b", "c"), Map.of(), Optional.empty(), new Untold.OfRest(Set.of(), Set.of()));

    assertThat(one.and(other).over("{\"a\":1,\"c\":1}", "{\"a\":0,\"b\":0,\"c\":0}"))
        .isEqualTo("{\"a\":1,\"c\":1,\"b\":0}");
  }
}
