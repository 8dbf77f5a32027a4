package dev.segue.openclaw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
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
    Migration.Outcome plan = migration.mustRun("plan", "--create-target");
    assertThat(plan.out()).contains("gets a directory for marks, .segue/" + migration.name());
    return migration;
  }

  /** What comes out of the target again is what stands in the directory, byte for byte. */
  private static void assertSame(Migration migration, Path files) throws Exception {
    migration.drain(files, MOST);
    migration.mustRun("verify");
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
        if (Files.isSymbolicLink(file)) {
          // It leads out of the directory.
          assertThat(after.resolve(file.getFileName())).doesNotExist();
          continue;
        }
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
        migration.mustRun("verify");
      }
      assertSame(migration, files);
      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("cannot refuse writers of a session");
      assertThat(pipeline.stop(MOST)).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
      assertThat(files.resolve(".segue")).doesNotExist();
    }
  }

  @Test
  void whateverHappensToAFileHappensToItsSession() throws Exception {
    try (Migration migration = new Migration("clawfiles")) {
      Path files = sessions(migration);
      StoreTalk.history(files, 12, 4);
      of(migration, files, "openclaw-store");
      Pipeline pipeline = migration.startFollowing();

      // Truncated, put in its place, deleted, written by itself, named later.
      Path cut = StoreTalk.transcript(files, 1);
      Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 400));
      Path other = files.resolve("other.tmp");
      Files.writeString(
          other, StoreTalk.header("s-2") + "\n" + StoreTalk.message("b1", "user") + "\n");
      Files.move(other, StoreTalk.transcript(files, 2), StandardCopyOption.REPLACE_EXISTING);
      Files.delete(StoreTalk.transcript(files, 3));
      Files.writeString(files.resolve("loose.jsonl"), StoreTalk.message("l1", "user") + "\n");
      Path same = StoreTalk.transcript(files, 4);
      FileTime before = Files.getLastModifiedTime(same);
      Files.writeString(same, Files.readString(same).replace("user says", "USER SAYS"));
      Files.setLastModifiedTime(same, before);
      // What is none of ours.
      Path secret = Files.writeString(migration.directory().resolve("secret.jsonl"), "sk-secret\n");
      Files.createSymbolicLink(files.resolve("linked.jsonl"), secret);
      Files.writeString(files.resolve("auth-profiles.json"), "{\"key\":\"sk-secret\"}");
      StoreTalk.store(files, 12, 5, 1_780_000_000_000L);
      migration.drain(files, MOST);

      assertThat(contents(migration, "s-2")).isEqualTo("user says b1 – ünïcode 🦞");
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM agent_store.messages WHERE session_id = 's-3'"))
          .isEqualTo("0");
      assertThat(contents(migration, "s-4")).startsWith("USER SAYS");
      assertThat(contents(migration, "loose")).isEqualTo("user says l1 – ünïcode 🦞");
      assertThat(
              migration.askTarget(
                  "SELECT extract(epoch FROM updated_at)::bigint || ' ' || session_key"
                      + " FROM agent_store.sessions WHERE session_id = 's-5'"))
          .isEqualTo("1780000000 agent:main:dm:5");
      assertThat(migration.askTarget("SELECT count(*) FROM agent_store.sessions")).isEqualTo("13");

      // Half a line waits for the rest of it, and is told if it never comes.
      Path torn = StoreTalk.transcript(files, 6);
      String line = StoreTalk.message("torn", "user");
      StoreTalk.append(torn, line.substring(0, 60));
      Awaitility.await().atMost(MOST).until(() -> count(migration, "s-6", "unparsed").equals("1"));
      StoreTalk.append(torn, line.substring(60) + "\n");
      migration.drain(files, MOST);
      assertThat(count(migration, "s-6", "unparsed")).isEqualTo("0");
      assertThat(contents(migration, "s-6")).contains("user says torn");

      // A session that goes while nobody looks is missed all the same.
      assertThat(pipeline.stop(MOST)).isZero();
      Files.delete(files.resolve("loose.jsonl"));
      StoreTalk.append(StoreTalk.transcript(files, 7), StoreTalk.message("late", "user") + "\n");
      migration.startFollowing();
      assertSame(migration, files);
      assertThat(migration.askTarget("SELECT count(*) FROM agent_store.sessions")).isEqualTo("12");
      assertThat(contents(migration, "s-7")).contains("user says late");
      assertThat(migration.askTarget("SELECT count(*) FROM segue.parked")).isEqualTo("0");
    }
  }

  @Test
  void whatCannotBeReadIsKeptApartUntilItCan() throws Exception {
    try (Migration migration = new Migration("clawbad")) {
      Path files = migration.directory().resolve("workspace");
      String call =
          ",\"tool_calls\":[{\"id\":\"c1\",\"name\":\"bash\",\"arguments\":{\"cmd\":\"ls\"}}]";
      String hi = WorkspaceTalk.said("user", "hi 🦞", "");
      WorkspaceTalk.write(files, "good", hi);
      WorkspaceTalk.write(files, "half", hi, hi);
      Files.writeString(
          files.resolve(".sessions/session_map.json"),
          "{\"agent:main:telegram:7\": \"good\", \"agent:main:main\": \"good\"}");
      Files.writeString(files.resolve(".sessions/auth-profiles.json"), "{\"key\": \"sk-secret\"}");
      String whole = Files.readString(WorkspaceTalk.file(files, "half"));
      Files.writeString(WorkspaceTalk.file(files, "half"), whole.substring(0, 200));
      of(migration, files, "openclaw-workspace");
      Pipeline pipeline = migration.startFollowing();
      WorkspaceTalk.write(
          files,
          "good",
          hi,
          "{\"role\":\"assistant\",\"content\":\"\""
              + call
              + ",\"timestamp\":null,\"images\":[\"a.png\"]}",
          "{\"role\":\"tool\",\"content\":\"a.txt\",\"tool_call_id\":\"c1\",\"name\":\"bash\","
              + "\"timestamp\":\"2026-02-11T10:00:03\"}");
      WorkspaceTalk.write(files, "nul", WorkspaceTalk.said("user", "a\u0000b", ""));
      migration.drain(files, MOST);

      assertThat(
              migration.askTarget(
                  "SELECT string_agg(role || ' ' || content || ' '"
                      + " || coalesce(created_at AT TIME ZONE 'UTC' || '', '-'), '; ' ORDER BY seq)"
                      + " FROM agent_store.messages WHERE session_id = 'good'"))
          .isEqualTo(
              "user hi 🦞 2026-02-11 10:00:00.123456; assistant  -; tool a.txt 2026-02-11 10:00:03");
      assertThat(
              migration.askTarget(
                  "SELECT s.session_key || ' ' || s.agent_name || ' ' || (s.metadata->>'label')"
                      + " || ' ' || (t.arguments->>'cmd') || ' ' || t.status || ' '"
                      + " || (m.unknown->'images'->>0) || ' ' || (s.unknown->'keys'->>1)"
                      + " FROM agent_store.sessions s JOIN agent_store.tool_runs t USING (session_id)"
                      + " JOIN agent_store.messages m USING (session_id) WHERE m.seq = 1"))
          .isEqualTo("agent:main:telegram:7 main Mine ls succeeded a.png agent:main:main");
      assertThat(migration.run("dead-letters", "list").out())
          .contains("half: half.json is not valid JSON at character", "nul: ");
      assertThat(migration.run("verify").exit()).isEqualTo(1);
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(session_id, ',' ORDER BY 1) FROM agent_store.sessions"))
          .isEqualTo("good,nul");

      // What is readable again flows again by itself; what the target refused, when it is retried.
      Files.writeString(WorkspaceTalk.file(files, "half"), whole);
      WorkspaceTalk.write(files, "nul", hi);
      migration.drain(files, MOST);
      assertThat(contents(migration, "half")).isEqualTo("hi 🦞|hi 🦞");
      migration.mustRun("dead-letters", "retry");
      assertThat(contents(migration, "nul")).isEqualTo("hi 🦞");

      // A session that is cleared, and one that is written in two pieces.
      WorkspaceTalk.write(files, "good");
      Files.writeString(WorkspaceTalk.file(files, "half"), whole.substring(0, 150));
      Files.writeString(WorkspaceTalk.file(files, "half"), whole);
      migration.drain(files, MOST);
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM agent_store.messages WHERE session_id = 'good'"))
          .isEqualTo("0");
      migration.mustRun("verify");
      assertThat(pipeline.stop(MOST)).isZero();
      Migration.Outcome export =
          Migration.command(
              "export",
              migration.directory().resolve("all.jsonl").toString(),
              "--layout",
              "openclaw-workspace",
              "--url",
              files.toUri().toString());
      assertThat(export.out()).as(export.all()).contains("Exported 3 sessions");
    }
  }

  @Test
  void whatFilesCannotBeIsSaid() throws Exception {
    try (Migration migration = new Migration("clawwords")) {
      Path files = sessions(migration);
      StoreTalk.history(files, 1, 1);
      String url = files.toUri().toString();
      String out = migration.directory().resolve("out.jsonl").toString();
      Migration.Outcome layout =
          Migration.command("export", out, "--layout", "callsphere", "--url", url);
      assertThat(layout.exit()).isEqualTo(2);
      assertThat(layout.err())
          .contains("layout callsphere is for a PostgreSQL, but the URL names files");
      Migration.Outcome missing =
          Migration.command(
              "export", out + "2", "--layout", "openclaw-store", "--url", url + "none");
      assertThat(missing.exit()).isEqualTo(3);
      assertThat(missing.err()).contains("none is not a directory that can be read");
      Migration.Outcome target =
          Migration.command("import", files.toString(), "--layout", "openclaw-store", "--url", url);
      assertThat(target.exit()).isEqualTo(3);
      assertThat(target.err()).contains("segue export");
      Migration.Outcome init =
          Migration.command("init", "--source", url, "--target", url, "-f", out + ".yaml");
      assertThat(init.exit()).isEqualTo(2);
      assertThat(init.err()).contains("names files, which could belong to many layouts");
    }
  }

  private static String contents(Migration migration, String session) throws Exception {
    return migration.askTarget(
        "SELECT string_agg(content, '|' ORDER BY seq) FROM agent_store.messages"
            + " WHERE session_id = '"
            + session
            + "'");
  }

  private static String count(Migration migration, String session, String type) throws Exception {
    return migration.askTarget(
        "SELECT count(*) FROM agent_store.events WHERE session_id = '"
            + session
            + "' AND type = '"
            + type
            + "'");
  }

  private static void await(StoreTalk talk, int more) {
    long until = talk.lines() + more;
    Awaitility.await().atMost(MOST).until(() -> talk.lines() >= until);
  }
}
