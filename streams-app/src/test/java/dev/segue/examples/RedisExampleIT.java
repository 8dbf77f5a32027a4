package dev.segue.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code examples/redis}: an agent's memory out of Redis, live. */
class RedisExampleIT {
  @Test
  void anAgentsMemoryMovesLive() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = new Migration("redisagent")) {
      Example.run(redis, "redis/source.redis");
      Example.configure(
          migration,
          "redis/migration.yaml",
          "capture: {heartbeat: 300ms}",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
      Files.writeString(
          migration.file(),
          Files.readString(migration.file())
              .replaceAll("redis://segue@old-redis\\S+", redis.url()));

      Migration.Outcome plan = migration.mustRun("plan", "--create-target");
      assertThat(plan.out())
          .contains("redis.messages", "agent_store.messages", "repl-backlog-size")
          .contains("2 of 11 keys looked at are not part of the layout", "cache:…", "ratelimit:…")
          .contains("a cutover is refused while this is so");

      Pipeline pipeline = migration.startFollowing();
      try (var connection = redis.connect()) {
        var commands = connection.sync();
        String session = "agent:session:sess_98231";
        commands.rpush(
            session + ":messages", "{\"role\":\"assistant\",\"content\":\"It is on its way.\"}");
        commands.hset(session + ":summaries", "s1", "{\"text\":\"Knows.\",\"version\":\"2\"}");
        commands.hset(session, "status", "idle");
      }
      migration.drain(redis, Duration.ofSeconds(60));

      assertThat(
              migration.askTarget(
                  "SELECT string_agg(role || ' ' || coalesce(content, 'null') || ' '"
                      + " || coalesce(created_at AT TIME ZONE 'UTC' || '', '-'), '; ' ORDER BY seq)"
                      + " FROM agent_store.messages WHERE session_id = 'sess_98231'"))
          .isEqualTo(
              "user Where is my order? 2025-11-21 01:53:21.25; assistant null"
                  + " 2025-11-21 01:53:22.5; tool on its way 2025-11-21 01:53:24; assistant It is"
                  + " on its way. -");
      assertThat(
              migration.askTarget(
                  "SELECT s.status || ' ' || (s.unknown->>'plan') || ' ' || t.attempt || ' '"
                      + " || r.last_error || ' ' || m.version || ' ' || (c.state->>'node') || ' '"
                      + " || e.to_value FROM agent_store.sessions s"
                      + " JOIN agent_store.tool_runs t USING (session_id)"
                      + " JOIN agent_store.retry_states r USING (session_id)"
                      + " JOIN agent_store.memory_summaries m USING (session_id)"
                      + " JOIN agent_store.checkpoints c USING (session_id)"
                      + " JOIN agent_store.events e USING (session_id)"))
          .isEqualTo("idle gold 2 429 2 answer active");
      assertThat(
              migration.askTarget(
                  "SELECT expires_at BETWEEN now() + interval '23 hours' AND now() + interval '1 day'"
                      + " FROM agent_store.sessions WHERE session_id = 'sess_98232'"))
          .isEqualTo("t");

      Path report = migration.directory().resolve("parity.jsonl");
      migration.mustRun("verify", "--report", report.toString());
      JsonNode parity =
          new ObjectMapper()
              .readTree(
                  Files.readAllLines(report).stream()
                      .filter(line -> line.contains("sess_98231"))
                      .findFirst()
                      .orElseThrow());
      assertThat(parity.path("parity_status").asText()).isEqualTo("pass");
      for (String check :
          new String[] {
            "message_count_matches",
            "latest_checkpoint_matches",
            "tool_retry_state_matches",
            "memory_summary_version_matches"
          }) {
        assertThat(parity.path("checks").path(check).asBoolean()).as(check).isTrue();
      }
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
    }
  }
}
