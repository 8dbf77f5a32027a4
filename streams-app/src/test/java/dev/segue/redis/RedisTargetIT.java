package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.demo.Pipeline;
import dev.segue.layout.LayoutCatalog;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** PostgreSQL into Redis, live: kills on both ends, what is lost with a server, and repair. */
class RedisTargetIT {
  private static final int SESSIONS = 40;

  private static Migration migration(String name, RedisServer redis, int messages)
      throws Exception {
    Migration migration = new Migration(name);
    AgentRows.history(migration, SESSIONS, messages, 11);
    migration.configIntoRedis(
        "segue-postgres",
        redis,
        "redis-agent",
        "capture: {heartbeat: 300ms}",
        "snapshot: {chunk: 64KB, parallelism: 3}",
        "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    migration.mustRun("plan");
    return migration;
  }

  private static void assertSame(Migration migration, RedisServer redis) throws Exception {
    migration.drainInto(redis, Duration.ofSeconds(90));
    Map<String, String> held = AgentRows.held(redis);
    Map<String, String> expected = AgentRows.expected(migration);
    expected.forEach((key, value) -> assertThat(held.get(key)).as(key).isEqualTo(value));
    assertThat(held.keySet()).isEqualTo(expected.keySet()).isNotEmpty();
    migration.mustRun("verify");
  }

  @Test
  void rowsMoveIntoTheirKeysWhileTheyAreWrittenTo() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = migration("intoredis", redis, 30)) {
      Pipeline pipeline;
      try (AgentRows talk = AgentRows.talking(migration, SESSIONS, 1)) {
        pipeline = migration.startFollowing();
        Thread.sleep(3000);
        pipeline.kill();
        Thread.sleep(1000);
        pipeline = migration.startFollowing();
        Thread.sleep(2000);
        assertThat(talk.writes()).isGreaterThan(200);
      }
      assertSame(migration, redis);

      try (var connection = redis.connect()) {
        connection.sync().hset("agent:session:user:3", "title", "by hand");
        connection.sync().lset("agent:session:user:4:messages", 0, "{\"role\":\"user\"}");
      }
      Migration.Outcome found = migration.run("verify");
      assertThat(found.exit()).isEqualTo(1);
      assertThat(found.all()).contains("user:3").contains("user:4");
      assertThat(migration.run("verify", "--repair").err()).doesNotContain("fault");
      assertSame(migration, redis);

      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("cannot refuse writers of a session");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
      try (var connection = redis.connect()) {
        assertThat(connection.sync().keys("segue:*")).isEmpty();
        assertThat(connection.sync().keys("agent:session:*")).isNotEmpty();
      }
    }
  }

  @Test
  @Tag("long")
  void aProcessThatDiesAnywhereGoesOn() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = migration("intodying", redis, 20)) {
      List<String> faults =
          List.of(
              "snapshot-before-ledger=halt@2",
              "snapshot-before-commit=halt@2",
              "sink-mid-batch=halt@3",
              "sink-before-commit=halt@4",
              "sink-after-commit=halt@4",
              "sink-commit-unknown=fail@3");
      try (AgentRows talk = AgentRows.talking(migration, SESSIONS, 2)) {
        for (String fault : faults) {
          Pipeline pipeline = migration.start(Map.of("SEGUE_FAILPOINTS", fault));
          if (fault.contains("halt")) {
            // A point that is never passed lets it live.
            if (!pipeline.process().waitFor(60, TimeUnit.SECONDS)) {
              pipeline.kill();
            }
          } else {
            migration.awaitStreaming(pipeline);
            Thread.sleep(3000);
            pipeline.kill();
          }
        }
        assertThat(talk.writes()).isGreaterThan(200);
      }
      migration.startFollowing();
      assertSame(migration, redis);
    }
  }

  @Test
  @Tag("long")
  void aRedisThatIsKilledGoesOn() throws Exception {
    // It loses its last second, the rows and the ledger alike.
    try (RedisServer redis = Servers.redis("--appendonly", "yes", "--appendfsync", "everysec");
        Migration migration = migration("intokilled", redis, 10)) {
      Pipeline pipeline = migration.startFollowing();
      try (AgentRows talk = AgentRows.talking(migration, SESSIONS, 3)) {
        Thread.sleep(1500);
        redis.kill();
        Thread.sleep(2000);
        redis.kill();
        Thread.sleep(1500);
        assertThat(talk.writes()).isGreaterThan(100);
      }
      migration.awaitBothWays(pipeline);
      assertSame(migration, redis);
    }
  }

  @Test
  @Tag("long")
  void whatAServerLostIsBroughtAgain() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = migration("intolost", redis, 10)) {
      Pipeline pipeline = migration.startFollowing();
      try (AgentRows talk = AgentRows.talking(migration, SESSIONS, 4)) {
        Thread.sleep(1500);
        try (var connection = redis.connect()) {
          connection.sync().save();
        }
        Thread.sleep(1500);
        // With all that it accepted since.
        redis.kill();
        Thread.sleep(1500);
        assertThat(talk.writes()).isGreaterThan(100);
      }
      migration.awaitBothWays(pipeline);
      assertSame(migration, redis);
    }
  }

  @Test
  void aServerThatForgetsTheMigrationStopsIt() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = migration("intoempty", redis, 3)) {
      Pipeline pipeline = migration.startFollowing();
      redis.kill();
      assertThat(pipeline.process().waitFor(90, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(migration.log()))
          .contains("does not know migration 'intoempty' any more");
    }
  }

  @Test
  @Tag("long")
  void aSessionWhoseKeyIsSomethingElseIsParkedAndComesBack() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = migration("intoparked", redis, 4);
        var connection = redis.connect()) {
      migration.startFollowing();
      connection.sync().del("agent:session:user:5:messages");
      connection.sync().set("agent:session:user:5:messages", "not a list");
      migration.onSource(
          "UPDATE agent_store.messages SET content = 'anew' WHERE session_id IN ('user:5', 'user:6')");
      migration.drainInto(redis, Duration.ofSeconds(60));

      assertThat(migration.run("dead-letters", "list").out())
          .contains("key agent:session:user:5:messages is a string, by its layout it is a list")
          .doesNotContain("user:6");
      assertThat(migration.run("verify").exit()).isEqualTo(1);
      assertThat(connection.sync().get("agent:session:user:5:messages")).isEqualTo("not a list");

      connection.sync().del("agent:session:user:5:messages");
      migration.mustRun("dead-letters", "retry");
      assertSame(migration, redis);
    }
  }

  @Test
  @Tag("long")
  void aListThatIsWrittenAtItsHeadKeepsItsOrderAndItsTime() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = new Migration("intolc");
        var connection = redis.connect()) {
      migration.onSource(LayoutCatalog.load("segue-postgres").ddl().orElseThrow());
      migration.onSource(
          "INSERT INTO agent_store.sessions (session_id, expires_at) VALUES ('a:b', NULL),"
              + " ('soon', '2100-01-01 00:00:00.123456Z'), ('gone', '2020-01-01Z'), ('empty', NULL)");
      migration.onSource(
          "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at)"
              + " SELECT s, s || n, CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'm' || n,"
              + " timestamptz '2026-03-01Z' + n * interval '1 s'"
              + " FROM unnest(ARRAY['a:b', 'soon', 'gone']) s, generate_series(0, 11) n"
              + " ORDER BY md5(s || n)");
      migration.configIntoRedis(
          "segue-postgres",
          redis,
          "langchain-redis-list",
          "capture: {heartbeat: 300ms}",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
      migration.startFollowing();
      migration.onSource(
          "INSERT INTO agent_store.messages (session_id, message_id, role, content)"
              + " VALUES ('a:b', 'x', 'user', 'new')");
      migration.onSource(
          "DELETE FROM agent_store.messages WHERE session_id = 'a:b' AND content IN ('m3', 'm0')");
      migration.onSource(
          "UPDATE agent_store.messages SET content = 'said' WHERE message_id = 'a:b5'");
      migration.onSource(
          "UPDATE agent_store.sessions SET expires_at = '2100-06-01Z' WHERE session_id = 'a:b'");
      migration.drainInto(redis, Duration.ofSeconds(60));

      var commands = connection.sync();
      assertThat(
              commands.lrange("message_store:a:b", 0, -1).stream()
                  .map(text -> text.replaceAll(".*\"content\":\\s*\"(\\w+)\".*", "$1")))
          .containsExactly("new", "m11", "m10", "m9", "m8", "m7", "m6", "said", "m4", "m2", "m1");
      assertThat(commands.lindex("message_store:a:b", -1)).contains("\"ai\"");
      assertThat(commands.keys("message_store:*"))
          .containsExactlyInAnyOrder("message_store:a:b", "message_store:soon");
      // Servers before 7 tell only how much is left; verify compares the times themselves.
      long now = System.currentTimeMillis();
      assertThat(now + commands.pttl("message_store:soon"))
          .isCloseTo(4102444800123L, within(600_000L));
      assertThat(now + commands.pttl("message_store:a:b"))
          .isCloseTo(4115491200000L, within(600_000L));
      migration.mustRun("verify");

      // By somebody else; and what was there before keeps its name.
      commands.lset("message_store:a:b", 1, "{\"type\":\"ai\",\"data\":{\"content\":\"no\"}}");
      Migration.Outcome found = migration.run("verify");
      assertThat(found.exit()).isEqualTo(1);
      assertThat(found.all()).contains("a:b11");
    }
  }

  @Test
  @Tag("long")
  void aServerWithoutRoomIsWaitedFor() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = migration("intofull", redis, 5);
        var connection = redis.connect()) {
      Pipeline pipeline = migration.startFollowing();
      connection.sync().configSet("maxmemory", "1");
      migration.onSource("UPDATE agent_store.messages SET content = 'anew' WHERE seq = 1");
      migration.await(
          pipeline,
          "a refusal",
          status ->
              status.toString().contains("its memory is full")
                  || status.toString().contains("OOM command not allowed"));
      connection.sync().configSet("maxmemory", "0");
      migration.awaitBothWays(pipeline);
      assertSame(migration, redis);
    }
  }
}
