package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.support.Migration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The article's command, by its command line, on files. */
class MigrateWorkspaceTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FULL = "5b0d0c9e-6f0a-4f0e-9a55-0b4d3a1c2e11";
  private static final String BARE = "5b0d0c9e-0000-4000-8000-000000000002";

  @TempDir Path workspace;
  private Path sessions;

  @BeforeEach
  void write() throws IOException {
    sessions = Files.createDirectories(workspace.resolve(".sessions"));
    Files.writeString(
        sessions.resolve(FULL + ".json"),
        """
        {
          "session_id": "5b0d0c9e-6f0a-4f0e-9a55-0b4d3a1c2e11",
          "messages": [
            {
              "role": "user",
              "content": "a \\"quoted\\" {text}, with [brackets] \\u00e9",
              "timestamp": "2026-02-11T10:00:00.123456",
              "tool_calls": null
            },
            {
              "role": "assistant",
              "content": "",
              "tool_calls": [{"id": "c1", "name": "bash", "arguments": {"n": 1.10, "big": 12345678901234567890}}]
            },
            {"role": "tool", "content": "a.txt", "tool_call_id": "c1", "timestamp": "2026-02-11T10:00:03"}
          ],
          "metadata": {"label": "My Session", "model": 5, "mine": {"x": 1}},
          "created_at": "2026-02-11T10:00:00+00:00",
          "updated_at": "2026-02-11T10:00:03.500+00:00"
        }
        """);
    Files.writeString(
        sessions.resolve(BARE + ".json"),
        "{\"session_id\":\"" + BARE + "\",\"messages\":[],\"metadata\":{}}");
    Files.writeString(
        sessions.resolve("session_map.json"),
        "{\"agent:main:telegram:dm:7\":\"" + FULL + "\",\"agent:main:main\":\"" + FULL + "\"}");
  }

  private Migration.Outcome run(String... options) {
    List<String> all = new ArrayList<>(List.of("migrate-workspace", workspace.toString()));
    all.addAll(Arrays.asList(options));
    return Migration.command(all.toArray(String[]::new));
  }

  private JsonNode store() throws IOException {
    return JSON.readTree(Files.readString(sessions.resolve("sessions.json")));
  }

  private Map<String, String> everything() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(workspace)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(workspace.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }

  @Test
  void sessionsKeepTheirKeysTheirMessagesAndTheirTimes() throws IOException {
    Migration.Outcome outcome = run();

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(outcome.out())
        .contains("Found 2 session files to migrate")
        .contains("Migrated session: agent:main:telegram:dm:7 (" + FULL + ")")
        .contains("Migration Results", "Status: success", "Sessions found: 2")
        .contains("Sessions migrated: 2", "Errors: 0", "backup_old_format", "Migration complete!");
    assertThat(store().path("agent:main:telegram:dm:7").path("updated_at").asLong())
        .isEqualTo(1770804003500L);
    assertThat(store().path("agent:main:main").path("session_file").asText())
        .isEqualTo(FULL + ".jsonl");
    assertThat(store().path("agent:main:main").path("label").asText()).isEqualTo("My Session");
    assertThat(store().path("agent:main:main").has("model")).isFalse();
    assertThat(store().path("agent:main:" + BARE).path("updated_at").asLong())
        .isEqualTo(Files.getLastModifiedTime(sessions.resolve(BARE + ".json")).toMillis());
    assertThat(Files.readString(sessions.resolve(FULL + ".jsonl")))
        .isEqualTo(
            """
            {"role":"user","content":"a \\"quoted\\" {text}, with [brackets] \\u00e9","timestamp":"2026-02-11T10:00:00.123456","tool_calls":null}
            {"role":"assistant","content":"","tool_calls":[{"id":"c1","name":"bash","arguments":{"n":1.10,"big":12345678901234567890}}]}
            {"role":"tool","content":"a.txt","tool_call_id":"c1","timestamp":"2026-02-11T10:00:03"}
            """);
    assertThat(sessions.resolve("backup_old_format/session_map.json")).exists();
    assertThat(sessions.resolve("sessions.json.lock")).doesNotExist();
    assertThat(run("-v").out())
        .contains("Sessions migrated: 0", "Sessions there already: 2")
        .contains("no place for metadata [model, mine]");
  }

  @Test
  void dryRunChangesNothing() throws IOException {
    Map<String, String> before = everything();

    Migration.Outcome outcome = run("--dry-run", "--agent-id", "aria");

    assertThat(outcome.out())
        .contains("DRY RUN MODE - no changes will be made", "agent:aria:" + BARE)
        .contains("Sessions migrated: 2", "DRY RUN - No changes were made");
    assertThat(everything()).isEqualTo(before);
    assertThat(run("--agent-id", "a b").exit()).isEqualTo(2);
  }

  @Test
  void tornFileIsNamedAndTheOthersGoOn() throws IOException {
    Files.writeString(sessions.resolve("torn.json"), "{\"messages\": [{\"role\": \"us");
    Files.writeString(sessions.resolve("list.json"), "{\"messages\": [1]}");

    Migration.Outcome outcome = run();

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out())
        .contains("Status: partial", "Sessions migrated: 2", "Errors: 2")
        .contains("torn.json: is not valid JSON", "list.json: has message 0 that is not a JSON");
    assertThat(store().size()).isEqualTo(3);
    Files.writeString(sessions.resolve("torn.json"), "{\"messages\": [{\"role\": \"user\"}]}");
    Files.delete(sessions.resolve("list.json"));
    assertThat(run().out()).contains("Sessions migrated: 1", "Sessions there already: 2");
    assertThat(sessions.resolve("backup_old_format/torn.json.1")).exists();
  }

  @Test
  void whatTheNewerGenerationWroteStays() throws IOException {
    run();
    Path transcript = sessions.resolve(FULL + ".jsonl");
    Files.writeString(
        transcript, "{\"role\":\"user\",\"content\":\"since\"}\n", StandardOpenOption.APPEND);
    String gained = Files.readString(transcript);
    Files.writeString(
        sessions.resolve("sessions.json"),
        Files.readString(sessions.resolve("sessions.json"))
            .replace("\"agent:main:main\": {", "\"agent:main:main\": {\"queue_cap\": 1e2,"));
    String other = sessions.resolve(BARE + ".jsonl").toString();
    Files.writeString(Path.of(other), "{\"role\":\"user\",\"content\":\"not ours\"}\n");
    Files.writeString(
        sessions.resolve(BARE + ".json"), "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");

    Migration.Outcome outcome = run();

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out()).contains("has other messages than " + BARE + ".jsonl");
    assertThat(Files.readString(transcript)).isEqualTo(gained);
    assertThat(Files.readString(sessions.resolve("sessions.json"))).contains("\"queue_cap\": 1e2");
    assertThat(Files.readString(Path.of(other))).contains("not ours");
  }

  @Test
  void rollbackGivesBackWhatWasGained() throws IOException {
    String old = Files.readString(sessions.resolve(FULL + ".json"));
    run();
    Files.writeString(
        sessions.resolve(FULL + ".jsonl"),
        "{\"role\":\"user\",\"content\":\"since\",\"timestamp\":\"2026-02-12T08:00:00\"}\n",
        StandardOpenOption.APPEND);
    Files.writeString(
        sessions.resolve("sessions.json"),
        Files.readString(sessions.resolve("sessions.json"))
            .replace("1770804003500", "1770883200000"));

    Migration.Outcome outcome = run("--rollback");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    JsonNode before = JSON.readTree(old);
    JsonNode after = JSON.readTree(Files.readString(sessions.resolve(FULL + ".json")));
    assertThat(after.path("messages").size()).isEqualTo(4);
    assertThat(after.path("messages").get(3).path("content").asText()).isEqualTo("since");
    for (int i = 0; i < 3; i++) {
      assertThat(after.path("messages").get(i)).isEqualTo(before.path("messages").get(i));
    }
    assertThat(after.path("metadata").path("mine")).isEqualTo(before.path("metadata").path("mine"));
    assertThat(after.path("created_at")).isEqualTo(before.path("created_at"));
    assertThat(after.path("updated_at").asText()).isEqualTo("2026-02-12T08:00:00+00:00");
    assertThat(JSON.readTree(Files.readString(sessions.resolve("session_map.json"))).size())
        .isEqualTo(3);
    assertThat(sessions.resolve("sessions.json")).doesNotExist();
    assertThat(sessions.resolve("backup_new_format/" + FULL + ".jsonl")).exists();
    assertThat(run().exit()).isZero();
    assertThat(Files.readString(sessions.resolve(FULL + ".jsonl"))).contains("since");
  }

  @Test
  void lockOfALivingProcessIsRespectedAndThatOfADeadOneIsNot() throws IOException {
    Path lock = sessions.resolve("sessions.json.lock");
    Files.writeString(
        lock, "{\"pid\":" + ProcessHandle.current().parent().orElseThrow().pid() + "}");

    Migration.Outcome held = run();

    assertThat(held.exit()).isNotZero();
    assertThat(held.err()).contains("Failed to acquire lock", "sessions.json.lock");
    Files.writeString(lock, "{\"pid\":4194303999}");
    assertThat(run().exit()).isZero();
  }

  @Test
  void workspaceWithoutSessionsIsNoError() throws IOException {
    Path empty = Files.createDirectory(workspace.resolve("empty"));

    Migration.Outcome outcome = Migration.command("migrate-workspace", empty.toString(), "--json");

    assertThat(outcome.exit()).isZero();
    assertThat(JSON.readTree(outcome.out()).path("status").asText()).isEqualTo("not_found");
  }

  @Test
  void mapThatCannotBeReadStopsItBeforeAnythingIsWritten() throws IOException {
    Files.writeString(sessions.resolve("session_map.json"), "{\"agent:main:main\": \"");
    Map<String, String> before = everything();

    Migration.Outcome outcome = run();

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err()).contains("session_map.json", "would lose their keys");
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void keyThatComesLaterIsAdded() throws IOException {
    run();
    Files.writeString(
        sessions.resolve("session_map.json"),
        "{\"agent:main:telegram:dm:7\":\"" + FULL + "\",\"agent:main:late\":\"" + FULL + "\"}");

    assertThat(run().exit()).isZero();

    assertThat(store().path("agent:main:late").path("session_id").asText()).isEqualTo(FULL);
  }

  @Test
  void rollbackTouchesNothingThatTheOlderGenerationHasMoreOf() throws IOException {
    run();
    Path old = sessions.resolve(FULL + ".json");
    String longer =
        Files.readString(old)
            .replace("\"metadata\"", "\"more\": 1, \"metadata\"")
            .replace(
                "\"timestamp\": \"2026-02-11T10:00:03\"}",
                "\"timestamp\": \"2026-02-11T10:00:03\"}, {\"role\": \"user\", \"content\": \"here\"}");
    Files.writeString(old, longer);
    Files.writeString(
        sessions.resolve(BARE + ".jsonl"), "{\"role\":\"user\",\"content\":\"there\"}\n");
    Files.writeString(
        sessions.resolve(BARE + ".json"),
        "{\"messages\":[{\"role\":\"user\",\"content\":\"here\"}]}");

    Migration.Outcome outcome = run("--rollback");

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out()).contains("has other messages than " + BARE + ".json");
    assertThat(Files.readString(old)).isEqualTo(longer);
    assertThat(sessions.resolve("sessions.json")).exists();
  }

  @Test
  void storeThatNamesAFileElsewhereDeletesNothing() throws IOException {
    run();
    Path elsewhere = Files.writeString(workspace.resolve("precious.jsonl"), "");
    Files.writeString(
        sessions.resolve("sessions.json"),
        "{\"k\": {\"session_id\": \"x\", \"updated_at\": 1, \"session_file\":"
            + " \"../precious.jsonl\"}, \"l\": {\"session_id\": \"../y\", \"updated_at\": 1}}");

    Migration.Outcome outcome = run("--rollback");

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out()).contains("Errors: 2", "lies outside the workspace");
    assertThat(elsewhere).exists();
    assertThat(workspace.resolve("y.json")).doesNotExist();
    assertThat(sessions.resolve("sessions.json")).exists();
  }
}
