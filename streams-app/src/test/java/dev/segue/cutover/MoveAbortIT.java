package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.demo.Pipeline;
import dev.segue.failpoint.Failpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever keeps a move from its end, people can go on where they were, and are told why. */
class MoveAbortIT {
  private static final String SESSION = "SELECT min(id::text) FROM sessions";

  private static Migration migration(String name, String... more) throws Exception {
    Migration migration = Migration.ofStore(name, 20, 5);
    String[] lines = new String[more.length + 2];
    lines[0] = "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}";
    lines[1] = "capture: {heartbeat: 300ms}";
    System.arraycopy(more, 0, lines, 2, more.length);
    return migration.config("callsphere", "aria-engine", lines);
  }

  private static Pipeline start(Migration migration, Map<String, String> environment)
      throws Exception {
    Pipeline pipeline = migration.start(environment);
    migration.awaitStreaming(pipeline);
    migration.awaitLag(pipeline);
    return pipeline;
  }

  private static void say(Migration migration, String session) throws Exception {
    migration.onSource(
        "INSERT INTO messages VALUES (gen_random_uuid(), '"
            + session
            + "', 'user', 'still here', now())");
  }

  private static void assertNothingMoved(Migration migration, Migration.Outcome outcome)
      throws Exception {
    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(migration.askTarget("SELECT count(*) FROM segue.slot_owner WHERE owner = 'target'"))
        .isEqualTo("0");
    assertThat(migration.askSource("SELECT count(*) FROM segue.slot_owner WHERE moving <> ''"))
        .isEqualTo("0");
    say(migration, migration.askSource(SESSION));
    assertThat(migration.askTarget("SELECT state FROM segue.move ORDER BY place DESC LIMIT 1"))
        .isEqualTo("aborted");
  }

  @Test
  void whatIsInTheWayTakesTheMoveBackAndIsNamed() throws Exception {
    try (Migration migration =
        migration("inway", "cutover: {max-pause: 500ms, hooks: {abort: 'echo took it back'}}")) {
      start(migration, Map.of());
      String session = migration.askSource(SESSION);

      // Makes the triggers, which wait for writers of a table as a whole.
      assertThat(migration.run("cutover", "--sessions", nobody(migration).toString()).exit())
          .isZero();
      try (Connection writer = migration.source();
          Statement statement = writer.createStatement()) {
        writer.setAutoCommit(false);
        statement.execute("UPDATE sessions SET user_id = 'busy' WHERE id = '" + session + "'");
        Migration.Outcome busy = migration.run("cutover", "--all");
        assertNothingMoved(migration, busy);
        assertThat(busy.all()).contains("did not end their transactions", "pid ", "took it back");
        statement.execute("PREPARE TRANSACTION 'forgotten'");
      }
      Migration.Outcome prepared = migration.run("cutover", "--all");
      assertNothingMoved(migration, prepared);
      assertThat(prepared.all()).contains("prepared transaction forgotten");
      migration.onSource("ROLLBACK PREPARED 'forgotten'");

      try (Connection holder = migration.target();
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        // A reader of the target keeps the sink from applying, so nothing arrives in time.
        statement.execute("LOCK TABLE aria_engine.chat_messages IN EXCLUSIVE MODE");
        say(migration, session);
        Migration.Outcome stuck = migration.run("cutover", "--all");
        assertNothingMoved(migration, stuck);
        assertThat(stuck.all()).containsPattern("did not get to the target within|behind");
        say(migration, session);
        holder.rollback();
      }
      migration.drain(Duration.ofSeconds(60));

      String message = migration.askTarget("SELECT min(id::text) FROM aria_engine.chat_messages");
      migration.onTarget(
          "SET session_replication_role = replica; UPDATE aria_engine.chat_messages"
              + " SET content = 'tampered' WHERE id = '"
              + message
              + "'");
      Migration.Outcome differs = migration.run("cutover", "--all");
      assertNothingMoved(migration, differs);
      assertThat(differs.all()).contains("not the same on both sides", message, "content");
    }
  }

  private static java.nio.file.Path nobody(Migration migration) throws Exception {
    return java.nio.file.Files.writeString(
        migration.directory().resolve("nobody"), "no-such-session\n");
  }

  @Test
  void preparedTransactionThatEndsInTimeIsCarried() throws Exception {
    try (Migration migration = migration("prepared", "cutover: {max-pause: 10s}")) {
      start(migration, Map.of());
      String session = migration.askSource(SESSION);
      assertThat(migration.run("cutover", "--sessions", nobody(migration).toString()).exit())
          .isZero();
      try (Connection writer = migration.source();
          Statement statement = writer.createStatement()) {
        writer.setAutoCommit(false);
        statement.execute(
            "INSERT INTO messages VALUES (gen_random_uuid(), '"
                + session
                + "', 'user', 'across the fence', now())");
        statement.execute("PREPARE TRANSACTION 'across'");
      }
      CompletableFuture<Migration.Outcome> cutover =
          CompletableFuture.supplyAsync(() -> migration.run("cutover", "--all"));
      await(
          () ->
              migration
                  .askTarget("SELECT count(*) FROM segue.move WHERE state = 'surveyed'")
                  .equals("1"));
      Thread.sleep(1000);
      assertThat(cutover).isNotDone();
      migration.onSource("COMMIT PREPARED 'across'");

      Migration.Outcome done = cutover.get(60, TimeUnit.SECONDS);
      assertThat(done.exit()).as(done.all()).isZero();
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM aria_engine.chat_messages WHERE content = 'across the"
                      + " fence'"))
          .isEqualTo("1");
      assertThatThrownBy(() -> say(migration, session))
          .hasMessageContaining("belongs to the target");
    }
  }

  @Test
  void driftOfWhatWasHandedOverGivesTheRestBack() throws Exception {
    try (Migration migration =
        migration(
            "drifting",
            "verify: {continuous: true}",
            "cutover: {rollback-on-drift: true, max-pause: 10s}")) {
      Pipeline pipeline = start(migration, Map.of());
      assertThat(migration.run("cutover", "--all").exit()).isZero();
      String session = migration.askTarget("SELECT min(id::text) FROM aria_engine.chat_sessions");
      // Behind our back, and in a session that its owner's writers then touch.
      migration.onSource(
          "SET session_replication_role = replica; UPDATE messages SET content = 'tampered'"
              + " WHERE session_id = '"
              + session
              + "'");
      migration.onTarget(
          "UPDATE aria_engine.chat_sessions SET title = 'touched' WHERE id = '" + session + "'");

      migration.await(
          pipeline,
          "the rest to be given back",
          s -> s.path("routing").path("target_percent").asDouble(100) == 0);
      assertThat(migration.askSource("SELECT segue.owner_of('" + session + "')"))
          .isEqualTo("target");
      assertThat(
              migration.askTarget(
                  "SELECT requested_by FROM segue.move ORDER BY place DESC LIMIT 1"))
          .isEqualTo("cutover.rollback-on-drift");
      assertThat(pipeline.status().orElseThrow().path("last_error").asText()).contains(session);
    }
  }

  @Test
  void fenceOfAProcessThatHangsLiftsByItself() throws Exception {
    try (Migration migration = migration("hangs", "cutover: {max-pause: 5s}")) {
      Pipeline pipeline =
          start(
              migration,
              Map.of(Failpoint.VARIABLE, Failpoint.MOVE_DRAINED.wireName() + "=stall@1"));
      String session = migration.askSource(SESSION);
      Thread cutover = new Thread(() -> migration.run("cutover", "--all"), "cutover");
      cutover.start();
      await(() -> !isAccepted(migration, session));
      long refused = System.nanoTime();
      await(() -> isAccepted(migration, session));

      assertThat(Duration.ofNanos(System.nanoTime() - refused)).isLessThan(Duration.ofSeconds(10));
      pipeline.kill();
      cutover.join();
      start(migration, Map.of());
      assertThat(migration.askTarget("SELECT state FROM segue.move")).isEqualTo("aborted");
      assertThat(migration.run("cutover", "--all").exit()).isZero();
      assertThatThrownBy(() -> say(migration, session))
          .hasMessageContaining("belongs to the target");
    }
  }

  @Test
  void differenceThatIsSeenBehindALiftedFenceIsNone() throws Exception {
    try (Migration migration = migration("tooslow", "cutover: {max-pause: 2s}")) {
      Path gate = Files.createFile(migration.directory().resolve("move-drained"));
      start(
          migration,
          Map.of(
              Failpoint.VARIABLE,
              Failpoint.MOVE_DRAINED.wireName() + "=gate@1",
              Failpoint.GATES,
              migration.directory().toString()));
      String session = migration.askSource(SESSION);
      CompletableFuture<Migration.Outcome> cutover =
          CompletableFuture.supplyAsync(() -> migration.run("cutover", "--all"));
      await(() -> !isAccepted(migration, session));
      await(() -> isAccepted(migration, session));
      migration.drain(Duration.ofSeconds(30));
      try (Connection reader = migration.target();
          Statement statement = reader.createStatement()) {
        reader.setAutoCommit(false);
        statement.execute("LOCK TABLE aria_engine.chat_messages IN SHARE MODE");
        say(migration, session);
        Files.delete(gate);

        Migration.Outcome late = cutover.get(60, TimeUnit.SECONDS);
        assertThat(late.exit()).as(late.all()).isEqualTo(1);
        assertThat(late.all())
            .contains("the comparison was not over within cutover.max-pause (2000 ms)")
            .doesNotContain("not the same", "refused for 0 ms");
      }
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waited in vain").isLessThan(until);
      Thread.sleep(20);
    }
  }

  private static boolean isAccepted(Migration migration, String session) throws Exception {
    try {
      say(migration, session);
      return true;
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("SG002");
      return false;
    }
  }
}
