package dev.segue.interchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.layout.LayoutCatalog;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code segue export} and {@code segue import}. */
class InterchangeIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ID = "d703a1a9-1b7b-4fb1-b512-c9738b1fe617";

  private static Migration.Outcome command(
      String verb, Path path, String layout, String url, String... more) {
    List<String> all =
        new java.util.ArrayList<>(List.of(verb, path.toString(), "--layout", layout, "--url", url));
    all.addAll(List.of(more));
    return Migration.command(all.toArray(String[]::new));
  }

  /** An empty store of Segue's own tables at the target. */
  private static Migration withOwnTables(String name) throws Exception {
    Migration migration = new Migration(name);
    migration.onTarget(LayoutCatalog.load("segue-postgres").ddl().orElseThrow());
    return migration;
  }

  private static String target(Migration migration) {
    return Servers.target().url(migration.database());
  }

  @Test
  void exportedSessionsAreImportedOnceAndAreTheSame() throws Exception {
    try (Migration store = Migration.ofStore("interchange", 60, 11);
        Migration other = withOwnTables("interchange-own")) {
      String from = Servers.source().url(store.database());
      Path bundles = store.directory().resolve("bundles.jsonl");
      Path stream = store.directory().resolve("stream.jsonl");
      assertThat(command("export", bundles, "aria-engine", from).exit()).isEqualTo(3);
      Migration.Outcome exported = command("export", bundles, "callsphere", from);
      assertThat(exported.exit()).as(exported.all()).isZero();
      assertThat(exported.out()).contains("Exported 60 sessions").contains("errors 0");
      assertThat(command("export", bundles, "callsphere", from).exit()).isEqualTo(2);
      JsonNode first = JSON.readTree(Files.readAllLines(bundles).get(0));
      assertThat(first.fieldNames())
          .toIterable()
          .startsWith(
              "session_id",
              "user_id",
              "messages",
              "created_at",
              "updated_at",
              "agent_name",
              "metadata");

      assertThat(command("import", bundles, "segue-postgres", target(other)).out())
          .contains("Imported 60, skipped 0, errors 0");
      other.onTarget("UPDATE agent_store.sessions SET title = 'kept'");
      assertThat(command("import", bundles, "segue-postgres", target(other)).out())
          .contains("Imported 0, skipped 60, errors 0");
      assertThat(other.askTarget("SELECT count(DISTINCT title) FROM agent_store.sessions"))
          .isEqualTo("1");
      assertThat(other.askTarget("SELECT count(*) FROM agent_store.messages"))
          .isEqualTo(store.askSource("SELECT count(*) FROM messages"));
      other.onTarget("UPDATE agent_store.sessions SET title = NULL");

      assertThat(
              command("export", stream, "segue-postgres", target(other), "--format", "stream")
                  .exit())
          .isZero();
      other.onTarget("TRUNCATE agent_store.sessions, agent_store.messages");
      assertThat(command("import", stream, "segue-postgres", target(other)).out())
          .contains("Imported 60, skipped 0, errors 0");
      Path again = store.directory().resolve("again.jsonl");
      assertThat(
              command("export", again, "segue-postgres", target(other), "--format", "stream")
                  .exit())
          .isZero();
      assertThat(Files.readAllLines(again)).isEqualTo(Files.readAllLines(stream));
    }
  }

  @Test
  void messageIsImportedAsTheItemsThatItSays() throws Exception {
    try (Migration own = withOwnTables("interchange-items")) {
      own.onTarget(LayoutCatalog.load("openai-agents-sql").ddl().orElseThrow());
      own.onTarget(
          """
          INSERT INTO agent_store.sessions (session_id, created_at, updated_at)
            VALUES ('s', now(), now());
          INSERT INTO agent_store.messages
              (session_id, message_id, role, content, tool_calls, created_at)
            VALUES ('s', 'm', 'assistant', 'I look.', '[{"id": "c1", "name": "f", "arguments":
              {"n": 1.10}}, {"id": "c2", "name": "f", "arguments": {}}]', now());
          """);
      Path stream = own.directory().resolve("stream.jsonl");
      command("export", stream, "segue-postgres", target(own), "--format", "stream");
      assertThat(command("import", stream, "openai-agents-sql", target(own)).all())
          .contains("Imported 1, skipped 0, errors 0");
      assertThat(
              own.askTarget(
                  "SELECT string_agg(concat_ws(' ', segue_id, m->>'content', m->>'call_id',"
                      + " m->>'arguments'), ', ' ORDER BY id) FROM agent_messages,"
                      + " LATERAL (SELECT message_data::json m) one"))
          .isEqualTo("m I look., m/item-2 c1 {\"n\": 1.10}, m/item-3 c2 {}");
    }
  }

  @Test
  void publishedDocumentsAreImportedWhateverTheirNeighboursAre() throws Exception {
    try (Migration store = Migration.ofStore("interchange-published", 1, 12)) {
      store.onSource("TRUNCATE sessions, messages");
      Path file = store.directory().resolve("sessions.json");
      String good =
          """
          {"session_id": "%s", "user_id": "u", "messages": [
            {"role": "user", "content": "hello", "timestamp": "2026-03-17T08:00:00+00:00",
             "tool_call_id": null, "tool_name": null, "metadata": {}},
            {"role": "assistant", "content": "hi", "timestamp": "2026-03-17T08:00:00+00:00",
             "tool_call_id": null, "tool_name": null, "metadata": {"m": 1}}],
           "created_at": "2026-03-17T08:00:00+00:00", "updated_at": "2026-03-17T08:00:00",
           "agent_name": "main", "metadata": {"plan": "pro"}}
          """;
      Files.writeString(
          file,
          "["
              + good.formatted("3f0f5b1a-2c41-4b7e-9d2f-6a1f0c8e7b01")
              + ", {\"session_id\": 7}, "
              + good.formatted("not a uuid")
              + ", "
              + good.formatted("3f0f5b1a-2c41-4b7e-9d2f-6a1f0c8e7b02")
              + "]");
      Migration.Outcome done =
          command("import", file, "callsphere", Servers.source().url(store.database()), "--json");
      JsonNode stats = JSON.readTree(done.out());
      assertThat(done.exit()).as(done.all()).isEqualTo(1);
      assertThat(stats.path("imported").asInt()).isEqualTo(2);
      assertThat(stats.path("errors").asInt()).isEqualTo(2);
      assertThat(stats.path("failures").path("not a uuid").asText()).contains("uuid");
      assertThat(
              store.askSource(
                  "SELECT string_agg(role || ' ' || content, ', ' ORDER BY"
                      + " (metadata->'_segue'->>'seq')::int) FROM messages"
                      + " WHERE session_id = '3f0f5b1a-2c41-4b7e-9d2f-6a1f0c8e7b01'"))
          .isEqualTo("user hello, assistant hi");
    }
  }

  @Test
  void realTranscriptOfOpenClawGoesThroughPostgresAndKeepsEveryByte() throws Exception {
    try (Migration migration = withOwnTables("interchange-openclaw")) {
      Path before = Files.createDirectories(migration.directory().resolve("sessions"));
      byte[] transcript;
      try (var data = getClass().getResourceAsStream("/data/openclaw-v1-transcript.jsonl")) {
        transcript = data.readAllBytes();
      }
      Files.write(before.resolve(ID + ".jsonl"), transcript);
      byte[] torn =
          "{\"type\":\"session\",\"version\":3,\"id\":\"t\",\"timestamp\":\"2026-03-08T12:15:35.580Z\"}\n\n{\"type\":\"message\",\"id\":\"4da21ec9\",\"parentId\":null,\"timestamp\":\"2026-03-08T12:15:35.595Z\",\"message\":{\"role\":\"user\",\"content\":\"half \\ud83d of it\"}}\r\nnot json\n{\"type\":\"mess"
              .getBytes(UTF_8);
      byte[] bytes = java.util.Arrays.copyOf(torn, torn.length + 3);
      bytes[torn.length - 20] = (byte) 0xFF;
      bytes[torn.length] = '"';
      Files.write(before.resolve("t-topic-9.jsonl"), bytes);
      Files.writeString(
          before.resolve("nul.jsonl"),
          "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":\"a \\u0000 b\"}}\n");
      Files.writeString(
          before.resolve("sessions.json"),
          "{\"agent:main:main\": {\"sessionId\": \""
              + ID
              + "\", \"updatedAt\": 1763691237236, \"cost\": 1.50},\n\"agent:main:tg\": {"
              + "\"sessionId\":\"t\",\"sessionFile\":\"t-topic-9.jsonl\"}}");

      Migration.Outcome imported = command("import", before, "segue-postgres", target(migration));
      assertThat(imported.out())
          .as(imported.all())
          .contains("Imported 2, skipped 0, errors 1", "session nul: ", "0x00");
      assertThat(
              migration.askTarget(
                  "SELECT count(*) || ' calls, ' || count(result_message_id) || ' results'"
                      + " FROM agent_store.tool_runs WHERE session_id = '"
                      + ID
                      + "'"))
          .isEqualTo("391 calls, 373 results");
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM agent_store.messages WHERE session_id = '" + ID + "'"))
          .isEqualTo("914");

      Path after = migration.directory().resolve("after");
      Migration.Outcome exported =
          command("export", after, "segue-postgres", target(migration), "--format", "openclaw");
      assertThat(exported.exit()).as(exported.all()).isZero();
      assertThat(Files.readAllBytes(after.resolve(ID + ".jsonl"))).isEqualTo(transcript);
      assertThat(Files.readAllBytes(after.resolve("t-topic-9.jsonl"))).isEqualTo(bytes);
      assertThat(JSON.readTree(after.resolve("sessions.json").toFile()))
          .isEqualTo(JSON.readTree(before.resolve("sessions.json").toFile()));
      assertThat(after.resolve("sessions.json.lock")).doesNotExist();

      // What was said and changed in between is there too, and nothing else moved.
      migration.onTarget(
          "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at)"
              + " VALUES ('"
              + ID
              + "', 'new-1', 'user', 'and now?', '2026-01-01T00:00:00Z')");
      migration.onTarget(
          "UPDATE agent_store.messages SET content = 'redacted' WHERE session_id = '"
              + ID
              + "' AND message_id = 'line-000004'");
      Path later = migration.directory().resolve("later");
      assertThat(
              command("export", later, "segue-postgres", target(migration), "--format", "openclaw")
                  .exit())
          .isZero();
      List<String> lines = Files.readAllLines(later.resolve(ID + ".jsonl"));
      List<String> old = new String(transcript, UTF_8).lines().toList();
      assertThat(lines).hasSize(old.size() + 1);
      assertThat(lines.get(lines.size() - 1)).contains("and now?", "2026-01-01T00:00:00Z");
      assertThat(
              JSON.readTree(lines.get(4))
                  .path("message")
                  .path("content")
                  .get(0)
                  .path("text")
                  .asText())
          .isEqualTo("redacted");
      assertThat(lines.subList(5, old.size())).isEqualTo(old.subList(5, old.size()));

      Migration.Outcome twice =
          command("export", after, "segue-postgres", target(migration), "--format", "openclaw");
      assertThat(twice.exit()).isEqualTo(1);
      assertThat(twice.out()).contains("is there already and says something else");
      assertThat(Files.readAllBytes(after.resolve(ID + ".jsonl"))).isEqualTo(transcript);
    }
  }

  @Test
  void nothingIsImportedThatALinkLeadsOutTo() throws Exception {
    try (Migration migration = withOwnTables("interchange-link")) {
      Path sessions = Files.createDirectories(migration.directory().resolve("sessions"));
      Path secret =
          Files.writeString(
              migration.directory().resolve("elsewhere.jsonl"),
              "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":\"sk-secret\"}}\n");
      Files.createSymbolicLink(sessions.resolve("out.jsonl"), secret);
      Files.createSymbolicLink(sessions.resolve("gone.jsonl"), sessions.resolve("nowhere"));
      Path there =
          Files.writeString(
              sessions.resolve("there.jsonl"),
              "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":\"hi\"}}\n");
      Files.createSymbolicLink(sessions.resolve("also.jsonl"), there);
      Migration.Outcome imported = command("import", sessions, "segue-postgres", target(migration));
      assertThat(imported.exit()).isEqualTo(1);
      assertThat(imported.out())
          .as(imported.all())
          .contains("Imported 2, skipped 0, errors 1")
          .contains("out.jsonl is a link that leads out of the directory; put the file there");
      assertThat(migration.askTarget("SELECT string_agg(content, ',') FROM agent_store.messages"))
          .isEqualTo("hi,hi");

      Files.createSymbolicLink(sessions.resolve("sessions.json"), secret);
      Migration.Outcome store = command("import", sessions, "segue-postgres", target(migration));
      assertThat(store.exit()).isEqualTo(3);
      assertThat(store.err()).contains("sessions.json is a link that leads out of the directory");
    }
  }
}
