package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SourcePosition;
import dev.segue.relational.TableId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
  private static Envelope read(String json) {
    return Envelope.read(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void partsAreCutOutWhereTheyStand() {
    Envelope envelope =
        read(
            """
            {"before": {"id": "é€😀", "deep": [{"a": "}"}, [1]]} ,
             "after":{"id":"é","n":1e400},
             "source":{"name":"x","ts_ms":7,"sequence":"[\\"16\\",\\"17\\"]","schema":"s","table":"t",
               "lsn":32,"extra":{"schema":"not this"}},
             "op":"u","transaction":null}
            """);

    assertThat(envelope.operation()).isEqualTo("u");
    assertThat(envelope.table()).isEqualTo(new TableId("s", "t"));
    assertThat(envelope.committedAt()).isEqualTo(7);
    assertThat(envelope.position()).isEqualTo(new SourcePosition(16, 32, 0));
    assertThat(envelope.object("before"))
        .hasToString("{\"id\":\"é€😀\",\"deep\":[{\"a\":\"}\"},[1]]}");
    assertThat(envelope.object("after").get("n").decimalValue()).isEqualTo("1e400");
  }

  /** As {@link EnvelopeWriter} writes it. */
  @Test
  void rowIsReadInPassingWhereTheOperationIsKnown() {
    Envelope envelope =
        read(
            """
            {"op":"u","before":{"id":"a"},"after":{"id":"é","n":1e400,"d":{"e":[]}},
             "source":{"schema":"s","table":"t"},"ts_ms":1}
            """);

    assertThat(envelope.operation()).isEqualTo("u");
    assertThat(envelope.table()).isEqualTo(new TableId("s", "t"));
    assertThat(envelope.object("before")).hasToString("{\"id\":\"a\"}");
    assertThat(envelope.object("after").get("n").decimalValue()).isEqualTo("1e400");
    assertThat(envelope.object("after").get("d")).hasToString("{\"e\":[]}");
  }

  @Test
  void whatIsNoObjectIsMissing() {
    Envelope envelope = read("{\"before\":null,\"after\":[1]}");

    assertThat(envelope.object("before").isMissingNode()).isTrue();
    assertThat(envelope.object("after").isMissingNode()).isTrue();
    assertThat(envelope.object("message").isMissingNode()).isTrue();
    assertThat(envelope.operation()).isEmpty();
    assertThat(envelope.position()).isEqualTo(SourcePosition.START);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "[]",
        "null",
        "{",
        "{\"op\":",
        "{\"after\":{\"a\":1}",
        "{\"op\":\"c\",\"after\":{\"a\""
      })
  void anythingElseIsMalformed(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(MalformedRecordException.class);
  }
}
