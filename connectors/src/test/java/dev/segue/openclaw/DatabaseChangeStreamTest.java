package dev.segue.openclaw;

import static dev.segue.openclaw.AgentFile.header;
import static dev.segue.openclaw.AgentFile.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Entity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a database's writes are told as. */
class DatabaseChangeStreamTest {
  private static final String LAYOUT = "openclaw-sqlite";

  @TempDir private Path directory;
  private AgentFile agent;

  @BeforeEach
  void create() throws IOException, SQLException {
    agent = AgentFile.create(directory.resolve("openclaw agent?.sqlite"));
  }

  @AfterEach
  void close() throws SQLException {
    agent.close();
  }

  private Follower follower() {
    return new Follower(agent.file(), LAYOUT);
  }

  private static List<Class<?>> kinds(List<CanonicalChange> changes) {
    return changes.stream()
        .<Class<?>>map(CanonicalChange::getClass)
        .filter(kind -> kind != CanonicalChange.Mark.class)
        .distinct()
        .toList();
  }

  private static Entity session(Follower follower, String id) {
    return follower.held().get(List.of("session", id));
  }

  @Test
  void aTranscriptTellsTheSameAsItsFile() throws Exception {
    List<byte[]> lines =
        List.of(
            header("a").getBytes(UTF_8),
            message(1).getBytes(UTF_8),
            message(1).getBytes(UTF_8),
            "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":\"a \\u0000 b\"}}"
                .getBytes(UTF_8),
            ("{\"type\":\"message\",\"id\":\"c\",\"message\":{\"role\":\"assistant\",\"content\":["
                    + "{\"type\":\"toolCall\",\"id\":\"1\",\"name\":\"ls\",\"arguments\":{\"n\":1.50}}]}}")
                .getBytes(UTF_8),
            ("{\"type\":\"message\",\"message\":{\"role\":\"toolResult\",\"toolCallId\":\"1\","
                    + "\"content\":[],\"isError\":true}}")
                .getBytes(UTF_8),
            "{\"type\":\"compaction\",\"summary\":\"half \\ud83d\"}".getBytes(UTF_8),
            "{\"type\":\"model_change\",\"modelId\":\"m\"}".getBytes(UTF_8),
            "".getBytes(UTF_8),
            "{broken\0 snow ☃".getBytes(UTF_8),
            new byte[] {'{', (byte) 0xff, '}'},
            "{\"type\":\"mess".getBytes(UTF_8));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      file.writeBytes(line);
      file.write('\n');
    }
    Path store = Files.createDirectory(directory.resolve("store"));
    Files.write(store.resolve("a.jsonl"), file.toByteArray());
    Files.writeString(
        store.resolve("sessions.json"),
        "{\"agent:x:main\": {\"sessionId\":\"a\",\"updatedAt\":1772975036308}}");
    agent.session("agent:x:main", "a");
    for (byte[] line : lines) {
      agent.append("a", line);
    }

    Map<List<String>, Entity> kept = new HashMap<>(new Follower(store, "openclaw-store").there());
    Map<List<String>, Entity> rows = new HashMap<>(follower().there());
    Entity ofFile = kept.remove(List.of("session", "a"));
    Entity ofRows = rows.remove(List.of("session", "a"));
    assertThat(rows).isEqualTo(kept).hasSize(12);
    for (String field :
        List.of("agent_name", "created_at", "updated_at", "session_key", "model", "metadata")) {
      assertThat(ofRows.text(field)).as(field).isEqualTo(ofFile.text(field));
    }
    assertThat(TranscriptText.unknown(ofRows)).containsAllEntriesOf(TranscriptText.unknown(ofFile));
  }

  @Test
  void aLineOnSeveralLinesIsOneLine() throws Exception {
    agent.session("k", "a");
    agent.append("a", " {\"type\" : \"label\",\n \"id\":\"l\\n 1\"}\n", message(2) + "\r\n");
    Follower follower = follower();
    follower.follow();
    assertThat(follower.held().keySet())
        .containsExactlyInAnyOrder(
            List.of("session", "a"), List.of("event", "a", "l\n 1"), List.of("message", "a", "m2"));
    assertThat(follower.held().get(List.of("message", "a", "m2")).text("unknown"))
        .doesNotContain("\\r", "\\n");
  }

  @Test
  void sessionsOfAKeyKnowWhichCameBefore() throws Exception {
    agent.session("agent:x:main", "a");
    agent.append("a", message(1));
    agent.session("agent:x:main", "b");
    agent.execute(
        "UPDATE session_windows SET parent_session_key = 'agent:x:p', status = 'done',"
            + " model = 'gpt-5.4' WHERE session_id = 'b'");
    Follower follower = follower();
    follower.follow();
    Entity before = session(follower, "a");
    assertThat(before.text("session_key")).isEqualTo("agent:x:main");
    assertThat(before.text("agent_name")).isEqualTo("x");
    assertThat(before.text("updated_at")).isEqualTo("2026-03-08T12:15:35.595000Z");
    Entity now = session(follower, "b");
    assertThat(now.text("lineage"))
        .isEqualTo(
            "[{\"rel\":\"reset\",\"session_id\":\"a\"},"
                + "{\"rel\":\"parent\",\"session_key\":\"agent:x:p\"}]");
    assertThat(now.text("model")).isEqualTo("gpt-5.4");
    assertThat(now.text("updated_at")).isEqualTo("2026-03-08T13:03:56.308000Z");
    assertThat(now.text("unknown")).contains("\"status\":\"done\"", "\"entries\":");
    assertThat(follower.held()).isEqualTo(follower.there());
  }

  @Test
  void oneNewLineIsToldByItself() throws Exception {
    agent.session("k", "a");
    agent.append("a", header("a"), message(1));
    Follower follower = follower();
    follower.follow();
    byte[] before = Files.readAllBytes(agent.file());
    agent.append("a", message(2));
    List<CanonicalChange> told = follower.follow();
    assertThat(kinds(told)).containsExactly(CanonicalChange.Upsert.class);
    assertThat(told).hasSize(2);
    assertThat(kinds(follower.follow())).isEmpty();
    assertThat(follower.held()).isEqualTo(follower.there()).hasSize(3);
    // The line is in the log of the database still; nobody but its writer brings it over.
    assertThat(Files.readAllBytes(agent.file())).isEqualTo(before);
  }

  @Test
  void everyKindOfWriteIsTold() throws Exception {
    agent.session("k", "a");
    agent.session("l", "b");
    agent.append("a", header("a"), message(1), message(2), message(3));
    agent.append("b", message(4));
    Follower follower = follower();
    follower.follow();
    for (String write :
        List.of(
            "UPDATE session_nodes SET entry_json = '{\"sessionId\":\"a\",\"updatedAt\":2}'"
                + " WHERE session_key = 'k'",
            "UPDATE session_windows SET updated_at = 9 WHERE session_id = 'a'",
            "UPDATE transcript_events SET event_json = replace(event_json, 'says', 'SAYS')"
                + " WHERE session_id = 'a' AND seq = 3",
            "UPDATE transcript_events SET event_json = replace(event_json, 'says', 'SAYS')"
                + " WHERE session_id = 'a' AND seq = 1;"
                + " INSERT INTO transcript_rewrite_watermarks VALUES ('a', 'g', 1)",
            "DELETE FROM transcript_events WHERE session_id = 'a' AND seq = 2",
            "INSERT INTO session_nodes SELECT 'z', 'a', entry_json, 0, 1, NULL, NULL, NULL, NULL"
                + " FROM session_nodes WHERE session_key = 'k'",
            "DELETE FROM session_nodes WHERE session_key = 'z'",
            "DELETE FROM session_nodes WHERE session_key = 'l'")) {
      Map<List<String>, Entity> before = new HashMap<>(follower.held());
      agent.script(write);
      follower.follow();
      assertThat(follower.held()).as(write).isEqualTo(follower.there()).isNotEqualTo(before);
    }
    assertThat(session(follower, "b")).isNull();
  }

  @Test
  void aLineThatNobodySaidWasWrittenAnewIsFoundByLookingAtAll() throws Exception {
    agent.session("k", "a");
    agent.append("a", message(1), message(2), message(3));
    Follower follower = follower();
    follower.follow();
    agent.execute("UPDATE transcript_events SET event_json = ? WHERE seq = 1", message(7));
    for (int i = 0; i < 50 && !follower.held().equals(follower.there()); i++) {
      // All lines are looked at in turn.
      follower.follow();
    }
    assertThat(follower.held())
        .isEqualTo(follower.there())
        .containsKey(List.of("message", "a", "m7"));
    assertThat(kinds(follower.follow())).isEmpty();
  }

  @Test
  void whatWasPutAwayIsReadAndWhatWasDeletedIsNot() throws Exception {
    String text = header("a") + "\n" + message(1) + "\n";
    agent.session("k", "a");
    agent.archive("a", "reset", "identity", text.getBytes(UTF_8));
    agent.archive("packed", "reset", "zstd", Zstd.compress(text.getBytes(UTF_8)));
    agent.archive("gone", "deleted", "identity", text.getBytes(UTF_8));
    agent.archive("torn", "reset", "zstd", new byte[] {1, 2, 3});
    Follower follower = follower();
    follower.follow();
    assertThat(follower.held().keySet())
        .containsExactlyInAnyOrder(
            List.of("session", "a"),
            List.of("message", "a", "m1"),
            List.of("session", "packed"),
            List.of("message", "packed", "m1"));
    assertThat(follower.parked()).containsExactly("torn");
    assertThat(session(follower, "packed").text("session_key")).isEqualTo("agent:y:k");
    assertThat(session(follower, "packed").text("agent_name")).isEqualTo("y");
    agent.append("a", message(2));
    agent.execute("DELETE FROM session_transcript_archives WHERE session_id = 'torn'");
    follower.follow();
    assertThat(follower.parked()).isEmpty();
    assertThat(follower.held())
        .isEqualTo(follower.there())
        .containsKey(List.of("message", "a", "m2"));
  }

  @Test
  void whatWasToldIsWhatStandsThereWhateverFails() throws Exception {
    follower().followWhatever(this::change);
  }

  private void change(Random random, int number) throws SQLException {
    String key = "agent:x:k" + random.nextInt(4);
    String session = key.substring(8) + "-" + random.nextInt(3);
    switch (random.nextInt(10)) {
      case 0 -> agent.execute("DELETE FROM session_nodes WHERE session_key = ?", key);
      case 1 -> {
        agent.script("BEGIN");
        agent.execute(
            "UPDATE transcript_events SET event_json = ? WHERE session_id = ? AND seq = ?",
            message(number),
            session,
            random.nextInt(3));
        agent.execute(
            "INSERT INTO transcript_rewrite_watermarks SELECT session_id, ?1, 1 FROM"
                + " session_windows WHERE session_id = ?2 ON CONFLICT DO UPDATE SET"
                + " generation = ?1",
            "g" + number,
            session);
        agent.script("COMMIT");
      }
      case 2 ->
          agent.execute(
              "UPDATE session_nodes SET entry_json = '{\"updatedAt\":' || ? || '}'"
                  + " WHERE session_key = ?",
              number,
              key);
      case 3 ->
          agent.execute(
              "DELETE FROM transcript_events WHERE session_id = ? AND seq >= ?",
              session,
              random.nextInt(4));
      case 4 -> agent.execute("DELETE FROM session_windows WHERE session_id = ?", session);
      default -> {
        agent.session(key, session);
        agent.append(session, message(number));
      }
    }
  }
}
