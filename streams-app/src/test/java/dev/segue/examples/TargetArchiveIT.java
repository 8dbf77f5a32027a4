package dev.segue.examples;

import static dev.segue.examples.AriaExample.CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The target has a clean-up of its own, which moves rows into an archive. */
class TargetArchiveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String ARCHIVES =
      """
      CREATE TABLE aria_data.agent_sessions_archive (LIKE aria_data.agent_sessions INCLUDING ALL);
      CREATE TABLE aria_data.session_messages_archive
        (LIKE aria_data.session_messages INCLUDING ALL);
      """;

  private static final String CLEAN_UP =
      ("BEGIN; INSERT INTO aria_data.session_messages_archive SELECT * FROM"
              + " aria_data.session_messages WHERE session_id = '%1$s';"
              + " DELETE FROM aria_data.session_messages WHERE session_id = '%1$s';"
              + " INSERT INTO aria_data.agent_sessions_archive SELECT * FROM"
              + " aria_data.agent_sessions WHERE id = '%1$s';"
              + " DELETE FROM aria_data.agent_sessions WHERE id = '%1$s'; COMMIT")
          .formatted(CHAT);

  @Test
  void whatIsDeletedAtTheSourceGoesFromTheArchiveToo() throws Exception {
    try (Migration migration = new Migration("targetarchive")) {
      String source = Example.text("aria/source.sql");
      migration.onSource(source);
      migration.onTarget(source);
      migration.onTarget(ARCHIVES);
      migration.onTarget(CLEAN_UP);
      migration.onTarget("TRUNCATE aria_data.agent_sessions, aria_data.session_messages");
      migration.config(
          "aria-legacy",
          "aria-legacy",
          "capture: {heartbeat: 300ms}",
          "cutover: {max-pause: 10s}",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
      Migration.Outcome plan = migration.run("plan");
      assertThat(plan.all()).contains("aria_data.agent_sessions_archive: is not empty");
      assertThat(plan.exit()).as(plan.all()).isNotZero();
      migration.onTarget("DELETE FROM aria_data.agent_sessions_archive");
      migration.onTarget("DELETE FROM aria_data.session_messages_archive");

      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.awaitBothWays(pipeline);
      migration.mustRun("cutover", "--all");
      migration.onTarget(CLEAN_UP);
      migration.drainBack(PATIENCE);
      migration.mustRun("rollback", "--all");
      assertThat(
              migration.askSource(
                  "SELECT count(*) FROM aria_data.session_messages WHERE session_id = '"
                      + CHAT
                      + "'"))
          .isEqualTo("3");

      migration.onSource(
          "DELETE FROM aria_data.session_messages WHERE session_id = '" + CHAT + "'");
      migration.onSource("DELETE FROM aria_data.agent_sessions WHERE id = '" + CHAT + "'");
      migration.drain(PATIENCE);
      assertThat(
              migration.askTarget(
                  "SELECT (SELECT count(*) FROM aria_data.agent_sessions_archive)"
                      + " + (SELECT count(*) FROM aria_data.session_messages_archive)"))
          .isEqualTo("0");
      migration.mustRun("verify");
    }
  }
}
