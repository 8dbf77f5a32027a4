package dev.segue.openclaw;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Kind;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkspaceListingTest {
  private static SessionDocument read(String json) {
    return new WorkspaceListing(
            Map.of("s", Path.of("s.json")), Map.of("s", List.of("agent:x:main", "agent:x:b")))
        .read("s", json.getBytes(UTF_8))
        .orElseThrow();
  }

  private static Entity message(String json) {
    return read("{\"messages\":[" + json + "]}").of(Kind.MESSAGE).get(0);
  }

  @Test
  void timesWithoutOffsetAreOfUtcAndNoneIsMadeUp() {
    assertThat(message("{\"timestamp\":\"2026-02-11T10:00:00.123456\"}").text("timestamp"))
        .isEqualTo("2026-02-11T10:00:00.123456Z");
    assertThat(message("{\"timestamp\":\"2026-02-11 12:00:00+02:00\"}").text("timestamp"))
        .isEqualTo("2026-02-11T10:00:00.000000Z");
    assertThat(message("{\"timestamp\":null}").text("timestamp")).isNull();
    Entity none = message("{\"timestamp\":\"soon\"}");
    assertThat(none.text("timestamp")).isNull();
    assertThat(none.text("unknown")).contains("\"timestamp\":\"soon\"", "\"raw\"");
  }

  @Test
  void sessionHasItsKeysAndWhatNoFieldTakes() {
    Entity session =
        read("{\"session_id\":\"other\",\"created_at\":\"2026-02-11T10:00:00+00:00\","
                + "\"updated_at\":\"never\",\"metadata\":{\"label\":\"L\"},\"extra\":[1.50]}")
            .session()
            .orElseThrow();
    assertThat(session.text("session_id")).isEqualTo("s");
    assertThat(session.text("session_key")).isEqualTo("agent:x:main");
    assertThat(session.text("agent_name")).isEqualTo("x");
    assertThat(session.text("created_at")).isEqualTo("2026-02-11T10:00:00.000000Z");
    assertThat(session.text("updated_at")).isNull();
    assertThat(session.text("metadata")).isEqualTo("{\"label\":\"L\"}");
    assertThat(session.text("unknown"))
        .isEqualTo(
            "{\"extra\":[1.50],\"keys\":[\"agent:x:main\",\"agent:x:b\"],\"updated_at\":\"never\"}");
  }

  @Test
  void callsFindTheirResultsThoughIdsRepeat() {
    String call =
        "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"c\",\"name\":\"n\","
            + "\"arguments\":{}}, \"none\", {\"id\":\"d\",\"function\":{\"name\":\"f\","
            + "\"arguments\":\"{}\"}}]}";
    String result = "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"%s\"}";
    SessionDocument session =
        read(
            "{\"messages\":["
                + String.join(",", call, result.formatted("1"), call, result.formatted("2"))
                + "]}");
    assertThat(session.of(Kind.TOOL_RUN))
        .extracting(
            run -> run.text("tool_run_id") + " " + run.text("name") + " " + run.text("result"))
        .containsExactly(
            "message-000000:0 n \"1\"",
            "message-000000:2 f null",
            "message-000002:0 n \"2\"",
            "message-000002:2 f null");
  }

  @Test
  void imagesAndOddContentAreKept() {
    Entity odd = message("{\"role\":\"robot\",\"content\":{\"a\":1},\"images\":[\"x\"]}");
    assertThat(odd.text("role")).isEqualTo("event");
    assertThat(odd.text("role_raw")).isEqualTo("robot");
    assertThat(odd.text("content")).isNull();
    assertThat(odd.text("unknown")).contains("\"content\":{\"a\":1}", "\"images\":[\"x\"]");
    assertThat(message("{\"role\":\"user\",\"content\":\"hi\",\"images\":null}").text("unknown"))
        .isNull();
  }

  @Test
  void halfADocumentIsNone() {
    assertThatThrownBy(() -> read("{\"messages\":[{\"role\":\"user\""))
        .isInstanceOf(MalformedRecordException.class);
    assertThatThrownBy(() -> read("")).isInstanceOf(MalformedRecordException.class);
  }
}
