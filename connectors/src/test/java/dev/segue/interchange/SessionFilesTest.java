package dev.segue.interchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import dev.segue.spi.DocumentReader;
import dev.segue.spi.DocumentWriter;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SessionFilesTest {
  /** As Python's json.dumps(…, indent=2) writes a session of the published format. */
  private static final String PUBLISHED =
      """
      {
        "session_id": "s-1",
        "user_id": "u\\u00e9",
        "messages": [
          {
            "role": "user",
            "content": "a \\"quoted\\" { [ brace } and \\\\",
            "timestamp": "2026-03-17T08:00:00",
            "tool_call_id": null,
            "tool_name": null,
            "metadata": {"price": 1.50}
          },
          {
            "role": "tool",
            "content": "",
            "timestamp": "2026-03-17T08:00:00.250000+02:00",
            "tool_call_id": "call_1",
            "tool_name": "lookup",
            "metadata": {}
          }
        ],
        "created_at": "2026-03-17T08:00:00+00:00",
        "updated_at": "2026-03-17T08:00:00+00:00",
        "agent_name": "main",
        "metadata": {"tags": ["a", null], "deep": {"n": 10000000000000000000000.5}},
        "something_new": [1, 2]
      }
      """;

  private static List<SessionDocument> read(String text) {
    List<SessionDocument> all = new ArrayList<>();
    try (DocumentReader reader =
        SessionFiles.read(new ByteArrayInputStream(text.getBytes(UTF_8)))) {
      for (Optional<SessionDocument> next = reader.next(); next.isPresent(); next = reader.next()) {
        all.add(next.get());
      }
    }
    return all;
  }

  private static String write(
      List<SessionDocument> documents, Function<StringWriter, DocumentWriter> format) {
    StringWriter text = new StringWriter();
    try (DocumentWriter writer = format.apply(text)) {
      documents.forEach(writer::write);
    }
    return text.toString();
  }

  @Test
  void publishedDocumentIsRead() {
    SessionDocument document = read(PUBLISHED).get(0);

    assertThat(document.sessionId()).isEqualTo("s-1");
    assertThat(document.session().orElseThrow().text("user_id")).isEqualTo("ué");
    assertThat(document.session().orElseThrow().text("metadata"))
        .contains("10000000000000000000000.5");
    assertThat(document.session().orElseThrow().text("unknown"))
        .isEqualTo("{\"something_new\":[1, 2]}");
    assertThat(document.of(Kind.MESSAGE))
        .extracting(message -> message.text("timestamp"))
        .containsExactly("2026-03-17T08:00:00.000000Z", "2026-03-17T06:00:00.250000Z");
    assertThat(document.of(Kind.MESSAGE).get(0).text("content"))
        .isEqualTo("a \"quoted\" { [ brace } and \\");
    assertThat(document.of(Kind.MESSAGE).get(0).text("metadata")).isEqualTo("{\"price\": 1.50}");
  }

  @Test
  void bundlesAndStreamsOfTheSameSessionsAreEachOther() {
    List<SessionDocument> once =
        read(PUBLISHED + PUBLISHED.replace("s-1", "s-2").replaceAll("\\n *", " "));
    String bundles = write(once, SessionFiles::bundles);
    String stream = write(once, SessionFiles::stream);

    assertThat(once).hasSize(2);
    assertThat(write(read(stream), SessionFiles::bundles)).isEqualTo(bundles);
    assertThat(write(read(bundles), SessionFiles::stream)).isEqualTo(stream);
    assertThat(read("[" + bundles.replace("\n", ",\n") + "]")).isEqualTo(read(bundles));
    assertThat(stream.lines()).hasSize(6).allMatch(line -> line.startsWith("{\"v\":1,"));
  }

  @Test
  void whatIsNoSessionIsNamedAndTheRestIsRead() {
    String stream = write(read(PUBLISHED), SessionFiles::stream);
    String text =
        "{\"user_id\": \"nobody\"}\n" + stream + "oops\n" + PUBLISHED.replace("s-1", "s-3");
    try (DocumentReader reader =
        SessionFiles.read(new ByteArrayInputStream(text.getBytes(UTF_8)))) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(MalformedRecordException.class)
          .hasMessage("line 1: has no session_id that is a string");
      assertThatThrownBy(reader::next).hasMessageContaining("line 5: expected a JSON object");
      List<String> sessions = new ArrayList<>();
      for (Optional<SessionDocument> next = reader.next(); next.isPresent(); next = reader.next()) {
        sessions.add(next.get().sessionId());
        assertThat(next.get().entities()).hasSize(3);
      }
      assertThat(sessions).containsExactly("s-3", "s-1");
    }
    assertThatThrownBy(() -> read(PUBLISHED.strip().substring(0, 300)))
        .hasMessageContaining("ends inside of a JSON object");
    assertThatThrownBy(() -> read(PUBLISHED.replace("\"role\": \"user\"", "\"role\": 7")))
        .hasMessageContaining("session s-1: messages[0]");
  }

  @Test
  void recordsOfASessionHaveToBeTogether() {
    String stream = write(read(PUBLISHED), SessionFiles::stream);
    String other = stream.replace("s-1", "s-2");
    assertThatThrownBy(() -> read(stream + other + stream)).hasMessageContaining("further up");
  }
}
