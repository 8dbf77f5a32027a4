package dev.segue.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code examples/openclaw}: session files into PostgreSQL, live, of both generations. */
class OpenClawExampleIT {
  private static final Duration MOST = Duration.ofSeconds(60);

  private static Path configured(Migration migration, String directory) throws Exception {
    Path files = Example.copy("openclaw/" + directory, migration.directory().resolve("files"));
    Example.configure(
        migration,
        "openclaw/migration.yaml",
        "capture: {heartbeat: 300ms}",
        "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    Example.replace(
        migration,
        "file:///home/openclaw/.openclaw/agents/main/sessions",
        files.toUri().toString());
    return files;
  }

  @Test
  void transcriptsMoveLive() throws Exception {
    try (Migration migration = new Migration("clawexample")) {
      Path files = configured(migration, "sessions");
      Migration.Outcome plan = migration.mustRun("plan", "--create-target");
      assertThat(plan.out())
          .contains("files.messages", "agent_store.messages", "gets a directory for marks")
          .contains("a cutover is refused while this is so");

      Pipeline pipeline = migration.startFollowing();
      Files.writeString(
          files.resolve("0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02-topic-9.jsonl"),
          "{\"type\":\"message\",\"id\":\"cc32d4e5\",\"parentId\":\"bb21c3d4\",\"timestamp\":"
              + "\"2026-03-08T13:05:02.000Z\",\"message\":{\"role\":\"assistant\",\"content\":"
              + "[{\"type\":\"text\",\"text\":\"Heiter.\"}],\"timestamp\":1772975102000}}\n",
          StandardOpenOption.APPEND);
      migration.drain(files, MOST);
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(role || ' ' || content, '; ' ORDER BY created_at)"
                      + " FROM agent_store.messages"))
          .isEqualTo(
              "user list files; assistant ; tool a.txt; assistant There is one: a.txt;"
                  + " user Wie wird das Wetter? 🌦; assistant Heiter.");
      assertThat(
              migration.askTarget(
                  "SELECT t.name || ' ' || t.status || ' ' || s.content_text || ' ' || e.to_value"
                      + " FROM agent_store.tool_runs t, agent_store.memory_summaries s,"
                      + " agent_store.events e"))
          .isEqualTo("read succeeded Asked for the files; there is a.txt. gpt-5.4");
      migration.mustRun("verify");
      assertThat(pipeline.stop(MOST)).isZero();
    }
  }

  @Test
  void aWorkspaceOfTheOlderGenerationMovesLive() throws Exception {
    try (Migration migration = new Migration("clawolder")) {
      Path files = configured(migration, "workspace");
      Example.replace(migration, "openclaw-store", "openclaw-workspace");
      migration.mustRun("plan", "--create-target");
      Pipeline pipeline = migration.startFollowing();
      Path session = files.resolve(".sessions/5b0d0c9e-6f0a-4f0e-9a55-0b4d3a1c2e11.json");
      Files.writeString(
          session,
          Files.readString(session)
              .replace(
                  "\n  ],", ",\n    {\"role\": \"assistant\", \"content\": \"One file.\"}\n  ],"));
      migration.drain(files, MOST);
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(role || ' ' || content || ' ' || (created_at IS NULL), '; '"
                      + " ORDER BY seq) FROM agent_store.messages"))
          .isEqualTo("user hi false; assistant  false; tool a.txt false; assistant One file. true");
      migration.mustRun("verify");
      assertThat(pipeline.stop(MOST)).isZero();
    }
  }

  @Test
  void theDatabaseOfAnAgentMovesLive() throws Exception {
    try (Migration migration = new Migration("clawagent")) {
      Path files = configured(migration, "agent");
      Path database = files.resolve("openclaw-agent.sqlite");
      Example.replace(migration, "openclaw-store", "openclaw-sqlite");
      Example.replace(migration, files.toUri().toString(), database.toUri().toString());
      try (Connection agent = DriverManager.getConnection("jdbc:sqlite:" + database);
          Statement statement = agent.createStatement()) {
        statement.executeUpdate(Files.readString(files.resolve("schema.sql")));
        statement.executeUpdate(Files.readString(files.resolve("sessions.sql")));
        migration.mustRun("plan", "--create-target");
        Pipeline pipeline = migration.startFollowing();
        statement.executeUpdate(
            "INSERT INTO transcript_events VALUES ('0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02', 3,"
                + " '{\"type\":\"message\",\"id\":\"cc32d4e5\",\"parentId\":\"bb21c3d4\",\"timestamp\":"
                + "\"2026-03-08T13:05:02.000Z\",\"message\":{\"role\":\"assistant\",\"content\":"
                + "[{\"type\":\"text\",\"text\":\"Heiter.\"}]}}', 1772975102000)");
        migration.drain(files, MOST);
        assertThat(
                migration.askTarget(
                    "SELECT string_agg(role || ' ' || content, '; ' ORDER BY created_at)"
                        + " FROM agent_store.messages"))
            .isEqualTo(
                "user list files; assistant ; tool a.txt; assistant There is one: a.txt;"
                    + " user Wie wird das Wetter? 🌦; assistant Heiter.");
        migration.mustRun("verify");
        assertThat(pipeline.stop(MOST)).isZero();
      }
    }
  }
}
