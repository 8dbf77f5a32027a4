package dev.segue.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where both databases sum up their rows themselves, no drift is missed that rows would show. */
class SummedRowsIT {
  private static final int SESSIONS = 1500;
  private static final String TABLES =
      """
      CREATE TABLE s (id uuid PRIMARY KEY, agent text, who text, notes jsonb);
      CREATE TABLE m (id text PRIMARY KEY, sid uuid NOT NULL, role text, body text, raw jsonb,
          cost numeric(20, 6), at timestamptz);
      CREATE INDEX ON m (sid);
      """;

  private static Migration migration;

  @BeforeAll
  static void startMigration() throws Exception {
    migration = new Migration("summed");
    migration.onSource(
        TABLES
            + """
            INSERT INTO s SELECT md5(i::text)::uuid, 'main', 'user-' || i,
                jsonb_build_object('score', 1.10, 'text', E'two\\nlines "and" \\\\ more')
              FROM generate_series(1, %d) i;
            INSERT INTO m SELECT i || '-' || j, md5(i::text)::uuid, 'user', 'said ' || j,
                CASE j WHEN 0 THEN NULL ELSE jsonb_build_object('n', j) END, j / 7.0,
                timestamptz '2026-01-01' + j * interval '1.000001 s'
              FROM generate_series(1, %d) i, generate_series(0, 4) j;
            UPDATE m SET body = '' WHERE id = '3-3';
            """
                .formatted(SESSIONS, SESSIONS));
    migration.onTarget(TABLES);
    Path layout = migration.directory().resolve("plain.yaml");
    Files.writeString(
        layout,
        """
        layout: plain
        tables:
          - entity: session
            table: s
            columns: {id: session_id, agent: agent_name, who: {field: user_id, default: nobody},
                      notes: metadata}
          - entity: message
            table: m
            columns: {id: message_id, sid: session_id, role: role, body: content, raw: metadata,
                      cost: cost, at: timestamp}
        """);
    migration.config(layout.toString(), layout.toString(), "kafka: {partitions: 2}");
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

  private static String session(int number) throws Exception {
    return migration.askSource("SELECT md5('" + number + "')::uuid");
  }

  @Test
  void digestsTellWhoMadeThem() throws Exception {
    Path summed = migration.directory().resolve("summed.jsonl");
    Path read = migration.directory().resolve("read.jsonl");

    assertThat(verify(0, "--report", summed.toString()))
        .contains(
            String.format("%,d rows of %,d sessions read; 0 ", 12 * SESSIONS, SESSIONS),
            String.format("Parity pass: %,d of %,d ", SESSIONS, SESSIONS));
    assertThat(verify(0, "--report", read.toString(), "--read-rows"))
        .contains(String.format("%,d rows of %,d sessions read; 0 ", 12 * SESSIONS, SESSIONS));

    assertThat(Files.readAllLines(summed))
        .hasSize(SESSIONS)
        .allMatch(line -> line.contains("\"digest\":\"db-"));
    assertThat(Files.readAllLines(read))
        .hasSize(SESSIONS)
        .noneMatch(line -> line.contains("\"digest\":\"db-"));
    assertThat(migration.run("verify", "--changed", "--read-rows").err())
        .contains("--changed goes with none of");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Two rows of a session exchange a value.
        "UPDATE m SET body = CASE id WHEN '7-1' THEN 'said 2' ELSE 'said 1' END"
            + " WHERE id IN ('7-1', '7-2') | 7 | 7-1 is different in body;7-2 is different in body",
        // One value is nothing in place of a text that is empty.
        "UPDATE m SET body = NULL WHERE id = '3-3' | 3 | 3-3 is different in body",
        // A value of one column stands in the next one.
        "UPDATE s SET agent = 'main,user-8', who = NULL WHERE id = md5('8')::uuid | 8 |"
            + " is different in agent who",
        // A row is another session's.
        "UPDATE m SET sid = md5('10')::uuid WHERE id = '9-0' | 9;10 | 9-0 is missing;9-0 is extraneous",
        "DELETE FROM m WHERE id = '11-4' | 11 | 11-4 is missing",
        "INSERT INTO m SELECT '12-x', sid, role, body, raw, cost, at FROM m WHERE id = '12-1'"
            + " | 12 | 12-x is extraneous",
        "UPDATE m SET at = at + interval '1 microsecond' WHERE id = '13-1' | 13 | in at",
        "UPDATE m SET cost = cost + 0.000001 WHERE id = '14-1' | 14 | in cost",
        "UPDATE s SET notes = notes - 'score' WHERE id = md5('15')::uuid | 15 | in notes",
      })
  void driftIsNamed(String change, String sessions, String said) throws Exception {
    migration.onTarget("CREATE TABLE kept_s AS TABLE s; CREATE TABLE kept_m AS TABLE m");
    try {
      migration.onTarget("SET session_replication_role = replica; " + change);

      String found = verify(1);

      List<String> names = List.of(sessions.trim().split(";"));
      assertThat(found).contains(names.size() + " fail, 0 pending");
      for (String number : names) {
        assertThat(found).contains("session " + session(Integer.parseInt(number)) + " fail");
      }
      assertThat(found).contains(said.trim().split(";"));
    } finally {
      migration.onTarget(
          "SET session_replication_role = replica; TRUNCATE s, m;"
              + " INSERT INTO s TABLE kept_s; INSERT INTO m TABLE kept_m;"
              + " DROP TABLE kept_s, kept_m");
    }
  }

  @Test
  void whatReadsOtherwiseAndSaysTheSamePasses() throws Exception {
    migration.onTarget(
        "SET session_replication_role = replica;"
            + " UPDATE s SET notes = notes || '{\"score\": 1.1000}' WHERE id = md5('20')::uuid");

    assertThat(verify(0)).contains("; 1 sessions are looked at again", " 0 fail, 0 pending");

    migration.onTarget(
        "SET session_replication_role = replica;"
            + " UPDATE s SET notes = notes || '{\"score\": 1.10}' WHERE id = md5('20')::uuid");
  }

  @Test
  void whereHardlyAnythingReadsTheSameRowsAreRead() throws Exception {
    migration.onSource("UPDATE s SET who = NULL");
    migration.drain(Duration.ofSeconds(60));
    try {
      assertThat(migration.askTarget("SELECT min(who) || max(who) FROM s"))
          .isEqualTo("nobodynobody");

      assertThat(verify(0))
          .contains(
              "Many sessions do not read the same on both sides, so all rows are read",
              String.format("%,d rows of %,d sessions read; 0 ", 12 * SESSIONS, SESSIONS),
              " 0 fail, 0 pending");

      migration.onTarget(
          "SET session_replication_role = replica; UPDATE m SET role = 'x' WHERE id = '30-1'");
      assertThat(verify(1)).contains(" 1 fail", "30-1 is different in role");
    } finally {
      migration.onTarget(
          "SET session_replication_role = replica; UPDATE m SET role = 'user' WHERE id = '30-1'");
      migration.onSource(
          "UPDATE s SET who = 'user-' || i FROM generate_series(1, "
              + SESSIONS
              + ") i WHERE id = md5(i::text)::uuid");
      migration.drain(Duration.ofSeconds(60));
    }
  }
}
