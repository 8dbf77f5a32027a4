package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Into OpenClaw's store, live: from tables, and from another OpenClaw by way of tables. */
class StoreTargetIT {
  private static final Duration MOST = Duration.ofSeconds(90);
  private static final int SESSIONS = 12;

  private static final String[] LINES = {
    "capture: {heartbeat: 300ms}",
    "snapshot: {chunk: 64KB, parallelism: 3}",
    "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}"
  };

  private static Path into(Migration migration) {
    return migration.directory().resolve("into");
  }

  private static Migration fromTables(String name) throws Exception {
    Migration migration = new Migration(name);
    TableTalk.history(migration, SESSIONS, 20);
    migration.configIntoFiles(
        "segue-postgres",
        Servers.source().url(migration.database()),
        into(migration),
        "openclaw-store",
        LINES);
    migration.mustRun("plan");
    assertThat(into(migration)).doesNotExist();
    return migration;
  }

  private static void assertSame(Migration migration) throws Exception {
    try (Connection from = migration.source()) {
      migration.drainInto(into(migration), from, MOST);
    }
    Map<String, String> held = TableTalk.held(into(migration));
    Map<String, String> expected = TableTalk.expected(migration);
    assertThat(held.keySet()).isEqualTo(expected.keySet()).isNotEmpty();
    expected.forEach((session, said) -> assertThat(held.get(session)).as(session).isEqualTo(said));
    migration.mustRun("verify");
  }

  @Test
  void rowsBecomeTranscriptsWhileTheyAreWritten() throws Exception {
    try (Migration migration = fromTables("intostore")) {
      Path into = into(migration);
      Pipeline pipeline;
      try (TableTalk talk = TableTalk.talking(migration, SESSIONS, 1)) {
        pipeline = migration.startFollowing();
        await(talk, 60);
        pipeline.kill();
        await(talk, 40);
        pipeline = migration.startFollowing();
        await(talk, 60);
        pipeline.kill();
        pipeline = migration.startFollowing();
        await(talk, 50);
      }
      assertSame(migration);

      // Whoever writes there besides is found out, and what was written is put right.
      Path touched = into.resolve("user:3.jsonl");
      byte[] before = Files.readAllBytes(touched);
      Files.writeString(touched, Files.readString(touched).replaceFirst("says", "SAYS"));
      Migration.Outcome found = migration.run("verify");
      assertThat(found.exit()).isEqualTo(1);
      assertThat(found.all()).contains("user:3");
      Files.write(touched, before);

      // A session's file that is somebody else's stays; its session is parked by name.
      Path foreign = Files.writeString(into.resolve("user:new.jsonl"), "mine\n");
      migration.onSource("INSERT INTO agent_store.sessions (session_id) VALUES ('user:new')");
      Awaitility.await()
          .atMost(MOST)
          .untilAsserted(
              () ->
                  assertThat(migration.run("dead-letters", "list").out())
                      .contains("user:new.jsonl is there already"));
      assertThat(foreign).hasContent("mine");
      Files.delete(foreign);
      migration.mustRun("dead-letters", "retry");
      assertSame(migration);

      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("cannot refuse writers of a session");
      assertThat(pipeline.stop(MOST)).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
      try (Stream<Path> files = Files.list(into)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .allMatch(name -> name.equals("sessions.json") || name.endsWith(".jsonl"));
      }
    }
  }

  @Test
  void aProcessThatDiesAnywhereGoesOn() throws Exception {
    try (Migration migration = fromTables("intostoredying")) {
      List<String> faults =
          List.of(
              "snapshot-before-commit=halt@2",
              "sink-mid-batch=halt@3",
              "sink-after-commit=halt@4",
              "sink-commit-unknown=fail@3");
      try (TableTalk talk = TableTalk.talking(migration, SESSIONS, 2)) {
        for (String fault : faults) {
          Pipeline pipeline = migration.start(Map.of("SEGUE_FAILPOINTS", fault));
          if (fault.contains("halt")) {
            assertThat(pipeline.process().waitFor(60, TimeUnit.SECONDS)).as(fault).isTrue();
          } else {
            migration.awaitStreaming(pipeline);
            await(talk, 50);
            pipeline.kill();
          }
        }
        assertThat(talk.writes()).isPositive();
      }
      migration.startFollowing();
      assertSame(migration);
    }
  }

  @Test
  void whatCameFromTranscriptsIsTheSameBytesAgain() throws Exception {
    try (Migration first = new Migration("storeout");
        Migration second = new Migration("storein")) {
      Path from = first.directory().resolve("sessions");
      StoreTalk.history(from, 30, 12);
      try (var data = getClass().getResourceAsStream("/data/openclaw-v1-transcript.jsonl")) {
        Files.copy(data, from.resolve("tools.jsonl"));
      }
      first.configFiles(from, "openclaw-store", LINES);
      first.mustRun("plan", "--create-target");
      second.configIntoFiles(
          "segue-postgres",
          Servers.target().url(first.database()),
          into(second),
          "openclaw-store",
          LINES);
      try (StoreTalk talk = StoreTalk.start(from, 30, 25_000, 7)) {
        first.startFollowing();
        Pipeline pipeline = second.startFollowing();
        long until = talk.lines() + 120;
        Awaitility.await().atMost(MOST).until(() -> talk.lines() >= until);
        pipeline.kill();
        second.startFollowing();
      }
      first.drain(from, MOST);
      try (Connection tables = first.target()) {
        second.drainInto(into(second), tables, MOST);
      }
      second.mustRun("verify");
      try (Stream<Path> all = Files.list(from)) {
        List<Path> transcripts = all.filter(f -> f.toString().endsWith(".jsonl")).toList();
        assertThat(transcripts).hasSize(31);
        for (Path file : transcripts) {
          assertThat(into(second).resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
      }
    }
  }

  @Test
  void whatCannotBeATargetIsSaid() throws Exception {
    try (Migration migration = new Migration("intowords")) {
      for (String layout : List.of("openclaw-workspace", "openclaw-sqlite")) {
        migration.configIntoFiles(
            "segue-postgres",
            Servers.source().url(migration.database()),
            into(migration),
            layout,
            LINES);
        Migration.Outcome plan = migration.run("plan");
        assertThat(plan.exit()).isNotZero();
        assertThat(plan.err()).contains("layout " + layout + " can only be read");
      }
    }
  }

  private static void await(TableTalk talk, int more) {
    int until = talk.writes() + more;
    Awaitility.await().atMost(MOST).until(() -> talk.writes() >= until);
  }
}
