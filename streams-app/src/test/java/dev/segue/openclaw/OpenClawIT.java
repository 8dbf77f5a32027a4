package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** OpenClaw's files into PostgreSQL, live. */
class OpenClawIT {
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final int SESSIONS = 200;

  private static Path sessions(Migration migration) {
    return migration.directory().resolve("sessions");
  }

  private static Migration of(Migration migration, Path files, String layout) throws Exception {
    migration.configFiles(
        files,
        layout,
        "capture: {heartbeat: 300ms}",
        "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    Migration.Outcome plan = migration.run("plan", "--create-target");
    assertThat(plan.exit()).as(plan.all()).isZero();
    assertThat(plan.out()).contains("gets a directory for marks, .segue/" + migration.name());
    return migration;
  }

  /** What comes out of the target again is what stands in the directory, byte for byte. */
  private static void assertSame(Migration migration, Path files) throws Exception {
    migration.drain(files, MOST);
    Migration.Outcome verify = migration.run("verify");
    assertThat(verify.exit()).as(verify.all()).isZero();
    Path after = Files.createTempDirectory(migration.directory(), "after");
    Migration.Outcome export =
        Migration.command(
            "export",
            after.toString(),
            "--format",
            "openclaw",
            "--layout",
            "segue-postgres",
            "--url",
            Servers.target().url(migration.database()));
    assertThat(export.exit()).as(export.all()).isZero();
    try (Stream<Path> all = Files.list(files)) {
      for (Path file : all.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
        assertThat(after.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void sessionsMoveWhileTheyAreWrittenTo() throws Exception {
    try (Migration migration = new Migration("clawlive")) {
      Path files = sessions(migration);
      StoreTalk.history(files, SESSIONS, 20);
      of(migration, files, "openclaw-store");
      Pipeline pipeline;
      try (StoreTalk talk = StoreTalk.start(files, SESSIONS, 8000, 1)) {
        pipeline = migration.startFollowing();
        await(talk, 200);
        pipeline.kill();
        await(talk, 150);
        pipeline = migration.startFollowing();
        await(talk, 200);
        Migration.Outcome live = migration.run("verify");
        assertThat(live.exit()).as(live.all()).isZero();
      }
      assertSame(migration, files);
      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("cannot refuse writers of a session");
      assertThat(pipeline.stop(MOST)).isZero();
      Migration.Outcome complete =
          migration.run(
              "complete", "--report", migration.directory().resolve("report.json").toString());
      assertThat(complete.exit()).as(complete.all()).isZero();
      assertThat(files.resolve(".segue")).doesNotExist();
    }
  }

  private static void await(StoreTalk talk, int more) {
    long until = talk.lines() + more;
    Awaitility.await().atMost(MOST).until(() -> talk.lines() >= until);
  }
}
