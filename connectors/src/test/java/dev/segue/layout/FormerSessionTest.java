package dev.segue.layout;

import static dev.segue.layout.BoundTables.VARIABLES;
import static dev.segue.layout.BoundTables.asMap;
import static dev.segue.layout.BoundTables.binding;
import static dev.segue.layout.BoundTables.expand;
import static dev.segue.layout.BoundTables.pick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.relational.Row;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Sessions of the former system into the engine and back, a status of null among them. */
class FormerSessionTest {
  private final TableBinding toSessions = binding("aria-engine", Kind.SESSION);
  private final TableBinding legacy = binding("aria-legacy", Kind.SESSION);

  /** A former session of Aria, in the order of its layout's columns. */
  private static String[] formerSession(String type, String status) {
    return new String[] {
      "7c1e9a52-6d0b-5f3a-9b51-0c5d2f6a8e10",
      "main",
      type,
      "2026-02-10T04:00:00.000000Z",
      null,
      "0",
      "0",
      "0",
      status,
      "{}",
      Row.ABSENT
    };
  }

  @Test
  void nullThatIsToldIsWrittenAsItsOwnWord() {
    RowReader reader = new RowReader(legacy);
    RowWriter writer = new RowWriter(toSessions, reader.supplied(), VARIABLES);

    Map<String, String> written =
        asMap(writer, writer.write(reader.read(formerSession("cron", null))));

    assertThat(written)
        .containsEntry("status", "completed")
        .containsEntry(
            "metadata",
            "{\"migrated_from\":\"sessions\",\"migration_date\":\"2026-01-01T00:00:00.000000Z\","
                + "\"original_type\":\"cron\",\"original_metadata\":{},\"source\":\"unknown\","
                + "\"segue\":{\"model\":null,\"$null\":[\"status\"]}}");
    assertThat(asMap(writer, writer.write(reader.read(formerSession("cron", "completed")))))
        .containsEntry("status", "completed")
        .hasEntrySatisfying("metadata", json -> assertThat(json).doesNotContain("status"));
  }

  @Test
  void nullIsReadBackUnlessItsWordWasChanged() {
    RowReader reader = new RowReader(legacy);
    RowWriter writer = new RowWriter(toSessions, reader.supplied(), VARIABLES);
    Written written = writer.write(reader.read(formerSession("cron", null)));
    RowReader back = new RowReader(toSessions);
    String[] row = expand(toSessions, writer, written);

    assertThat(back.read(row).isNull(Kind.SESSION.field("status").orElseThrow())).isTrue();

    // What is written where nothing is told is another word, so this is news.
    row[toSessions.table().indexOf("status")] = "active";
    assertThat(back.read(row).text("status")).isEqualTo("active");
  }

  @Property
  void formerSessionComesBackFromTheEngineAsItWas(@ForAll Random random) {
    RowReader reader = new RowReader(legacy);
    RowWriter writer = new RowWriter(toSessions, reader.supplied(), VARIABLES);
    String status = pick(random, null, "", "active", "completed", "null", "$null");
    Entity entity = reader.read(formerSession(pick(random, null, "", "cron"), status));

    Entity returned =
        new RowReader(toSessions).read(expand(toSessions, writer, writer.write(entity)));

    for (Field field : reader.supplied()) {
      assertThat(returned.text(field)).as(field.name()).isEqualTo(entity.text(field));
      assertThat(returned.isNull(field)).as(field.name()).isEqualTo(entity.isNull(field));
    }
  }
}
