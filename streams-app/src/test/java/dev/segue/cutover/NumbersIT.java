package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Both sides number new rows; they never give the same number, and sessions may be moved alone. */
class NumbersIT {
  private static final String TABLES =
      """
      CREATE TABLE sessions (id text PRIMARY KEY, user_id text, agent_name text,
        created_at timestamptz, updated_at timestamptz, metadata jsonb);
      CREATE TABLE messages (id bigserial PRIMARY KEY, session_id text REFERENCES sessions,
        role text NOT NULL, content text, created_at timestamptz NOT NULL DEFAULT now());
      """;
  private static final String SAY =
      "INSERT INTO messages (session_id, role, content) VALUES ('%s', 'user', '%s')";

  @Test
  void numbersOfBothSidesNeverMeet() throws Exception {
    try (Migration migration = new Migration("numbers")) {
      migration.onSource(TABLES);
      migration.onTarget(TABLES);
      migration.onSource(
          """
          INSERT INTO sessions SELECT 's' || i, 'u', CASE i % 2 WHEN 0 THEN 'even' ELSE 'odd' END,
            now() - interval '1 day', now() - i * interval '1 minute', '{}'
            FROM generate_series(1, 10) i;
          INSERT INTO messages (session_id, role, content, created_at)
            SELECT 's' || i, 'user', 'old', now() - interval '1 hour' FROM generate_series(1, 10) i;
          """);
      migration.config(
          "callsphere",
          "callsphere",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}",
          "capture: {heartbeat: 300ms}",
          // Long, for a busy machine: how long it takes is measured elsewhere.
          "cutover: {max-pause: 10s}");
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.awaitLag(pipeline);

      Migration.Outcome even = migration.mustRun("cutover", "--where", "agent_name = even");
      assertThat(even.all()).contains("5 sessions", "begins at 1000000010");
      say(migration, 2, 1);
      say(migration, 2, 1);
      migration.drain(Duration.ofSeconds(30));
      migration.drainBack(Duration.ofSeconds(30));
      assertThat(
              migration.askSource(
                  "SELECT string_agg(id::text, ' ' ORDER BY id) FROM messages"
                      + " WHERE content LIKE 'new%'"))
          .isEqualTo("11 12 1000000011 1000000012");

      Migration.Outcome idle = migration.mustRun("cutover", "--idle-for", "4m");
      assertThat(idle.out()).contains("3 sessions");
      assertThat(migration.run("rollback", "--all").exit()).isZero();
      migration.onSource(SAY.formatted("s2", "new at the source"));
      migration.drain(Duration.ofSeconds(30));
      java.nio.file.Path one =
          Files.writeString(migration.directory().resolve("one"), "s3\n\n  s4 \n");
      assertThat(migration.run("cutover", "--sessions", one.toString()).out())
          .contains("2 sessions");
      migration.onTarget(SAY.formatted("s3", "new at the target"));
      migration.onSource(SAY.formatted("s5", "new at the source"));
      migration.drain(Duration.ofSeconds(30));
      migration.drainBack(Duration.ofSeconds(30));

      assertThat(migration.askSource("SELECT count(DISTINCT id) FROM messages")).isEqualTo("17");
      String rows = "SELECT md5(string_agg(m::text, ' ' ORDER BY id)) FROM messages m";
      assertThat(migration.askTarget(rows)).isEqualTo(migration.askSource(rows));
      assertThat(migration.run("verify").exit()).isZero();
      assertThat(migration.run("cutover", "--slice", "1%", "--all").exit()).isEqualTo(2);
      assertThat(migration.run("cutover", "--where", "nonsense").err()).contains("agent_name = x");
      assertThat(migration.run("cutover", "--where", "colour = red").err())
          .contains("no column for 'colour'", "agent_name");
    }
  }

  /** One at the target in an even session, one at the source in an odd one. */
  private static void say(Migration migration, int even, int odd) throws Exception {
    migration.onTarget(SAY.formatted("s" + even, "new at the target"));
    migration.onSource(SAY.formatted("s" + odd, "new at the source"));
  }
}
