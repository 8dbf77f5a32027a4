package dev.segue.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.demo.SegueCommand;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A verification that goes on where one was killed, and one of what was written to since. */
class VerifyAgainIT {
  private static final int SESSIONS = 300;

  private static Migration migration;

  @BeforeAll
  static void startMigration() throws Exception {
    migration = new Migration("again");
    migration.onSource(
        """
        CREATE TABLE s (id text PRIMARY KEY, agent text);
        CREATE TABLE m (id text PRIMARY KEY, sid text, role text, call text, calls jsonb, body text);
        CREATE INDEX ON m (sid);
        INSERT INTO s SELECT 's' || i, 'main' FROM generate_series(1, %d) i;
        INSERT INTO m SELECT 's' || i || '-' || j, 's' || i,
            CASE j %% 3 WHEN 0 THEN 'user' WHEN 1 THEN 'assistant' ELSE 'tool' END,
            CASE j %% 3 WHEN 2 THEN 'call-' || (j / 3) END,
            CASE j %% 3 WHEN 1 THEN jsonb_build_array(jsonb_build_object('id', 'call-' || (j / 3))) END,
            'said ' || j
          FROM generate_series(1, %d) i, generate_series(0, 20) j;
        """
            .formatted(SESSIONS, SESSIONS));
    migration.onTarget(
        """
        CREATE TABLE s (id text PRIMARY KEY, agent text);
        CREATE TABLE m (id text PRIMARY KEY, sid text, role text, call text, calls jsonb, body text);
        CREATE INDEX ON m (sid);
        """);
    Path layout = migration.directory().resolve("calls.yaml");
    Files.writeString(
        layout,
        """
        layout: calls
        tables:
          - entity: session
            table: s
            columns: {id: session_id, agent: agent_name}
          - entity: message
            table: m
            columns: {id: message_id, sid: session_id, role: role, call: tool_call_id,
                      calls: tool_calls, body: content}
        """);
    migration.config(
        layout.toString(),
        layout.toString(),
        "capture: {heartbeat: 300ms}",
        "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    Pipeline pipeline = migration.start(Map.of());
    migration.awaitStreaming(pipeline);
    migration.drain(Duration.ofSeconds(60));
  }

  @AfterAll
  static void stopMigration() throws Exception {
    migration.close();
  }

  private static String verify(int exit, String... options) {
    String[] all = new String[options.length + 1];
    all[0] = "verify";
    System.arraycopy(options, 0, all, 1, options.length);
    Migration.Outcome outcome = migration.run(all);
    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(exit);
    return outcome.all();
  }

  private static void tamper(String sql) throws Exception {
    migration.onTarget("SET session_replication_role = replica; " + sql);
  }

  @Test
  void whatWasWrittenToSinceIsCompared() throws Exception {
    verify(0);
    migration.onSource("UPDATE m SET body = 'said anew' WHERE id IN ('s7-3', 's8-4')");
    migration.onSource("DELETE FROM m WHERE sid = 's9'; DELETE FROM s WHERE id = 's9'");
    migration.drain(Duration.ofSeconds(60));
    tamper("UPDATE m SET body = 'tampered' WHERE id = 's8-4'");

    String found = verify(1, "--changed");

    assertThat(found)
        .containsPattern("Parity fail: \\d{1,2} of \\d{1,2} sessions written to since ")
        .contains(" 1 fail, 0 pending", "session s8 fail");
    assertThat(migration.run("status").out())
        .containsPattern("of those written to since: \\d+ pass, 1 fail");
    // It did not pass, so it is looked at again, though nobody wrote to it.
    tamper("UPDATE m SET body = 'said anew' WHERE id = 's8-4'");
    assertThat(verify(0, "--changed")).contains(" 0 fail");
    assertThat(migration.run("verify", "--changed", "--show-values").exit()).isEqualTo(2);
  }

  @Test
  void passThatWasKilledGoesOn() throws Exception {
    Path pass = migration.directory().resolve("data/verify.pass");
    tamper("UPDATE m SET body = 'tampered' WHERE id = 's20-20'");
    Process killed =
        SegueCommand.process("verify", "-f", migration.file().toString(), "--max-rate", "1500")
            .redirectErrorStream(true)
            .redirectOutput(migration.directory().resolve("killed.log").toFile())
            .start();
    try {
      long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      // The messages of the target are read; those of the source are not.
      while (!Files.exists(pass) || Files.size(pass) < 70L * SESSIONS) {
        assertThat(killed.isAlive() && System.nanoTime() < until).as("too fast, or stuck").isTrue();
        Thread.sleep(20);
      }
    } finally {
      killed.destroyForcibly().waitFor();
    }
    migration.onSource("UPDATE m SET body = 'said later' WHERE id = 's30-3'");
    migration.drain(Duration.ofSeconds(60));

    String found = verify(1);

    assertThat(found)
        .contains("A verification that began at ", " was interrupted")
        .contains("goes on behind the ")
        .contains((SESSIONS - 1) + " of " + SESSIONS + " sessions pass, 1 fail")
        .contains("session s20 fail");
    assertThat(pass).doesNotExist();
    tamper("UPDATE m SET body = 'said 20' WHERE id = 's20-20'");
    assertThat(verify(0)).doesNotContain("goes on behind");
  }

  @Test
  void digestChangesWithTheRows() throws Exception {
    Path before = migration.directory().resolve("before.jsonl");
    Path after = migration.directory().resolve("after.jsonl");
    verify(0, "--report", before.toString());
    migration.onSource("UPDATE m SET body = 'other words' WHERE id = 's50-3'");
    migration.drain(Duration.ofSeconds(60));
    verify(0, "--report", after.toString());

    assertThat(digest(before, "s51")).matches("db-[0-9a-f]{32}").isEqualTo(digest(after, "s51"));
    assertThat(digest(before, "s50")).isNotEqualTo(digest(after, "s50"));
  }

  private static String digest(Path records, String session) throws Exception {
    String line =
        Files.readAllLines(records).stream()
            .filter(record -> record.contains('"' + session + '"'))
            .findFirst()
            .orElseThrow();
    return line.replaceAll(".*\"digest\":\"([^\"]*)\".*", "$1");
  }

  @Test
  void resultsWithoutACallAreTold() throws Exception {
    migration.onSource("UPDATE m SET call = 'nobody' WHERE id = 's40-2'");
    migration.drain(Duration.ofSeconds(60));
    try {
      assertThat(verify(0))
          .contains("To know: the source has rows that refer to others which are not there")
          .contains("session s40: message s40-2 refers to call nobody, which is not there")
          .doesNotContain("session s41");
    } finally {
      migration.onSource("UPDATE m SET call = 'call-0' WHERE id = 's40-2'");
      migration.drain(Duration.ofSeconds(60));
    }
  }
}
