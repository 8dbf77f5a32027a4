package dev.segue.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.layout.UnmappableRowException;
import dev.segue.relational.Column;
import dev.segue.relational.ColumnType;
import dev.segue.relational.ColumnType.Family;
import dev.segue.relational.Limits;
import dev.segue.relational.Table;
import dev.segue.relational.TableId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MovedRowTest {
  private static final byte[] DELETION =
      "{\"op\":\"d\",\"before\":{\"id\":\"s1\"},\"source\":{\"ts_ms\":7,\"lsn\":9}}"
          .getBytes(UTF_8);

  private static final Table TABLE =
      new Table(
          new TableId("old", "sessions_archive"),
          Stream.of("id", "status", "at")
              .map(
                  name ->
                      new Column(
                          name,
                          new ColumnType(Family.TEXT, "text", "text", Limits.NONE, null),
                          false,
                          false,
                          false,
                          false))
              .toList(),
          List.of("id"));

  private static JsonNode json(byte[] bytes) throws Exception {
    return new ObjectMapper().readTree(bytes);
  }

  @Test
  void rowIsReadAsItWasWritten() throws Exception {
    String[] row = {"s1", null, "“quoted” \\ 🙂"};

    JsonNode written = json(MovedRow.write(DELETION, TABLE, row));

    assertThat(written.path("op").asText()).isEqualTo("moved");
    assertThat(written.path("source").path("lsn").asLong()).isEqualTo(9);
    assertThat(written.has("before")).isFalse();
    assertThat(written.path("found").path("table").asText()).isEqualTo("sessions_archive");
    assertThat(MovedRow.read(written.path("found"), TABLE)).containsExactly(row);
  }

  @Test
  void whyARowCouldNotBeReadIsTold() throws Exception {
    JsonNode written = json(MovedRow.refuse(DELETION, TABLE, "column at is infinite"));

    assertThatThrownBy(() -> MovedRow.read(written.path("found"), TABLE))
        .isInstanceOf(UnmappableRowException.class)
        .hasMessage("column at is infinite");
  }
}
