package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.KillArgs;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.file.Files;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Redis into PostgreSQL, live: kills, restarts and a stream with gaps. */
class RedisIT {
  private static final int SESSIONS = 400;

  private static Migration migration(String name, RedisServer redis) throws Exception {
    Migration migration =
        new Migration(name)
            .configRedis(
                redis,
                "redis-agent",
                "capture: {heartbeat: 300ms}",
                "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    migration.mustRun("plan", "--create-target");
    return migration;
  }

  private static void assertSame(Migration migration, RedisServer redis) throws Exception {
    migration.drain(redis, Duration.ofSeconds(90));
    try (Connection target = migration.target()) {
      Map<String, String> held = RedisTalk.held(redis);
      assertThat(held).hasSizeGreaterThan(SESSIONS);
      assertThat(RedisTalk.applied(target)).isEqualTo(held);
    }
    migration.mustRun("verify");
  }

  @Test
  void sessionsMoveWhileTheyAreWrittenTo() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = migration("redislive", redis)) {
      RedisTalk.history(redis, SESSIONS, 10);
      Pipeline pipeline;
      try (RedisTalk talk = RedisTalk.start(redis, SESSIONS, 300, 1)) {
        pipeline = migration.startFollowing();
        Thread.sleep(4000);
        pipeline.kill();
        Thread.sleep(1000);
        pipeline = migration.startFollowing();
        Thread.sleep(3000);
        migration.mustRun("verify");
        assertThat(talk.commands()).isGreaterThan(1000);
      }
      assertSame(migration, redis);
      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("cannot refuse writers of a session");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
    }
  }

  @Test
  void aRedisThatIsKilledGoesOn() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes", "--appendfsync", "always");
        Migration migration = migration("rediskill", redis)) {
      RedisTalk.history(redis, SESSIONS, 5);
      Pipeline pipeline = migration.startFollowing();
      try (RedisTalk talk = RedisTalk.start(redis, SESSIONS, 200, 2)) {
        Thread.sleep(2000);
        redis.kill();
        Thread.sleep(2000);
        redis.kill();
        Thread.sleep(2000);
        assertThat(talk.commands()).isGreaterThan(300);
      }
      // A mark that is written while nobody listens is lost with the rest.
      migration.awaitBothWays(pipeline);
      repairDeleted(migration, redis);
      assertSame(migration, redis);
    }
  }

  /** Whole sessions that are deleted while nobody listens are told by nobody; verify finds them. */
  private static void repairDeleted(Migration migration, RedisServer redis) throws Exception {
    migration.drain(redis, Duration.ofSeconds(90));
    assertThat(migration.run("verify", "--repair").err()).doesNotContain("fault");
  }

  @Test
  void whatTheStreamHasForgottenIsReadAgain() throws Exception {
    try (RedisServer redis = Servers.redis("--repl-backlog-size", "16kb");
        Migration migration = migration("redisgap", redis)) {
      RedisTalk.history(redis, SESSIONS, 5);
      Pipeline pipeline = migration.startFollowing();
      pipeline.kill();
      try (RedisTalk talk = RedisTalk.start(redis, SESSIONS, 400, 3)) {
        Thread.sleep(3000);
        pipeline = migration.startFollowing();
        Thread.sleep(2000);
        // In the middle of reading everything, perhaps.
        pipeline.kill();
        Thread.sleep(3000);
        migration.startFollowing();
        assertThat(talk.commands()).isGreaterThan(1000);
      }
      repairDeleted(migration, redis);
      assertSame(migration, redis);
      assertThat(Files.readString(migration.log())).contains("the replication stream has a gap");
    }
  }

  @Test
  void sessionsMoveWhereTheReplicationStreamIsForbidden() throws Exception {
    try (RedisServer redis = Servers.redis("--notify-keyspace-events", "KA");
        Migration migration = migration("redisnotified", redis)) {
      RedisTalk.history(redis, SESSIONS, 5);
      forbidReplication(redis, migration);
      Pipeline pipeline = migration.startFollowing();
      try (RedisTalk talk = RedisTalk.start(redis, SESSIONS, 200, 5)) {
        Thread.sleep(2000);
        try (var connection = redis.connect()) {
          connection.sync().clientKill(KillArgs.Builder.typePubsub());
        }
        Thread.sleep(2000);
        pipeline.kill();
        Thread.sleep(1000);
        pipeline = migration.startFollowing();
        Thread.sleep(2000);
        assertThat(talk.commands()).isGreaterThan(600);
      }
      repairDeleted(migration, redis);
      assertSame(migration, redis);
      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("nothing brings sessions back");
    }
  }

  /** As a managed service does: there is a user who may do everything but that. */
  private static void forbidReplication(RedisServer redis, Migration migration) throws Exception {
    try (var connection = redis.connect()) {
      CommandArgs<String, String> user = new CommandArgs<>(StringCodec.UTF8);
      for (String word :
          "SETUSER tenant on >secret ~* &* +@all -sync -psync -replconf".split(" ", -1)) {
        user.add(word);
      }
      connection.sync().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), user);
    }
    String url = redis.url();
    Files.writeString(
        migration.file(),
        Files.readString(migration.file())
            .replace(
                url, url.replace("redis://", "redis://tenant:secret@") + "?follow=notifications"));
  }

  @Test
  void whatExpiresIsKeptAndWhatIsDeletedGoes() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = migration("redisexpiry", redis)) {
      RedisTalk.history(redis, SESSIONS, 3);
      Pipeline pipeline = migration.startFollowing();
      try (var connection = redis.connect()) {
        String expiring = RedisTalk.key("sess_1");
        connection.sync().pexpire(expiring, 1500);
        connection.sync().pexpire(expiring + ":messages", 1500);
        connection.sync().pexpire(expiring + ":tools", 1500);
        String both = RedisTalk.key("sess_2");
        connection.sync().expire(both, 600);
        connection.sync().del(both, both + ":messages", both + ":tools");
        Thread.sleep(3000);
        // A server looks for what has expired now and then; a reader makes it look.
        assertThat(connection.sync().exists(expiring, both)).isZero();
        migration.drain(redis, Duration.ofSeconds(30));
        assertThat(
                migration.askTarget(
                    "SELECT string_agg(session_id || ' ' || (expires_at < now()), ',')"
                        + " FROM agent_store.sessions WHERE session_id IN ('sess_1', 'sess_2')"))
            .isEqualTo("sess_1 true");
        assertThat(
                migration.askTarget(
                    "SELECT count(*) FROM agent_store.messages"
                        + " WHERE session_id IN ('sess_1', 'sess_2')"))
            .isEqualTo("3");
        migration.mustRun("verify");

        // Of a list that is begun again, nothing of the old one is left.
        connection.sync().rpush(expiring + ":messages", "{\"role\":\"user\",\"content\":\"anew\"}");
        migration.drain(redis, Duration.ofSeconds(30));
        assertThat(
                migration.askTarget(
                    "SELECT string_agg(content, ',') FROM agent_store.messages"
                        + " WHERE session_id = 'sess_1'"))
            .isEqualTo("anew");

        connection.sync().flushall();
        assertThat(pipeline.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(migration.log())).contains("FLUSHALL emptied the source");
        assertThat(migration.askTarget("SELECT count(*) FROM agent_store.sessions"))
            .isEqualTo(Integer.toString(SESSIONS - 1));
      }
    }
  }

  @Test
  void whatCannotBeReadIsKeptApartAndRetried() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration = migration("redisbad", redis)) {
      RedisTalk.history(redis, SESSIONS, 3);
      try (var connection = redis.connect()) {
        var commands = connection.sync();
        commands.rpush(RedisTalk.key("torn") + ":messages", "{\"role\":\"user\",\"conte");
        commands.set(RedisTalk.key("typed") + ":messages", "not a list");
        migration.startFollowing();
        commands.rpush(RedisTalk.key("sess_3") + ":messages", "[1, 2]");
        commands.hset(RedisTalk.key("nul"), "title", "a\u0000b");
        migration.drain(redis, Duration.ofSeconds(60));

        assertThat(migration.run("dead-letters", "list").out())
            .contains("torn: agent:session:torn:messages: element 0 is not valid JSON")
            .contains("typed: agent:session:typed:messages: key is a string, by its layout")
            .contains("sess_3: agent:session:sess_3:messages: element 3 is not a JSON object")
            .contains("nul: ");
        assertThat(migration.run("verify").exit()).isEqualTo(1);

        commands.lset(
            RedisTalk.key("sess_3") + ":messages",
            3,
            RedisTalk.message(new java.util.Random(7), "user"));
        commands.del(RedisTalk.key("torn") + ":messages", RedisTalk.key("typed") + ":messages");
        commands.del(RedisTalk.key("nul"));
        migration.mustRun("dead-letters", "retry");
        assertSame(migration, redis);
      }
    }
  }

  @Test
  void aListThatIsWrittenFromItsHeadKeepsItsOrder() throws Exception {
    try (RedisServer redis = Servers.redis();
        Migration migration =
            new Migration("redislc")
                .configRedis(
                    redis,
                    "langchain-redis-list",
                    "capture: {heartbeat: 300ms}",
                    "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}")) {
      String human = "{\"type\":\"human\",\"data\":{\"content\":\"%s\",\"id\":null}}";
      String ai =
          "{\"type\":\"ai\",\"data\":{\"content\":\"\",\"tool_calls\":[{\"name\":\"w\",\"args\":{},"
              + "\"id\":\"c1\"}]}}";
      assertThat(migration.run("plan", "--create-target").exit()).isZero();
      try (var connection = redis.connect()) {
        var commands = connection.sync();
        commands.lpush("message_store:a:b", human.formatted("one"));
        commands.lpush("message_store:a:b", ai);
        migration.startFollowing();
        commands.lpush("message_store:a:b", human.formatted("three"));
        commands.expire("message_store:a:b", 3600);
        commands.lpush("message_store:a:b", human.formatted("four"), human.formatted("five"));
        commands.lpop("message_store:a:b");
        migration.drain(redis, Duration.ofSeconds(60));
      }
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(role || ':' || content || ':' || seq, ' ' ORDER BY seq)"
                      + " FROM agent_store.messages WHERE session_id = 'a:b'"))
          .isEqualTo("user:one:0 assistant::1 user:three:2 user:four:3");
      assertThat(
              migration.askTarget(
                  "SELECT tool_calls->0->>'id' || ' ' || (SELECT expires_at > now()"
                      + " FROM agent_store.sessions) FROM agent_store.messages WHERE seq = 1"))
          .isEqualTo("c1 true");
      assertThat(migration.run("verify").exit()).isZero();
    }
  }

  @Test
  void aReplicaThatTakesOverGoesOnWithoutAGap() throws Exception {
    try (RedisServer first = Servers.redis();
        RedisServer second =
            Servers.redis("--replicaof", "127.0.0.1", Integer.toString(first.port()));
        Migration migration = migration("redisfail", first)) {
      RedisTalk.history(first, SESSIONS, 5);
      Pipeline pipeline = migration.startFollowing();
      try (RedisTalk talk = RedisTalk.start(first, SESSIONS, 200, 4)) {
        Thread.sleep(1500);
        assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
        Thread.sleep(1500);
        assertThat(talk.commands()).isGreaterThan(100);
      }
      try (var old = first.connect();
          var promoted = second.connect()) {
        assertThat(old.sync().waitForReplication(1, 20_000)).isPositive();
        promoted.sync().replicaofNoOne();
      }
      Files.writeString(
          migration.file(), Files.readString(migration.file()).replace(first.url(), second.url()));
      try (RedisTalk talk = RedisTalk.start(second, SESSIONS, 200, 5)) {
        migration.startFollowing();
        Thread.sleep(1500);
        assertThat(talk.commands()).isGreaterThan(100);
      }
      // Before Redis 7 a replica's times of expiry are some milliseconds off.
      repairDeleted(migration, second);
      assertSame(migration, second);
      assertThat(Files.readString(migration.log())).doesNotContain("has a gap");
    }
  }

  @Test
  void aRedisThatForgetsEverythingTakesNothingFromTheTarget() throws Exception {
    try (RedisServer redis =
            Servers.redis("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0");
        Migration migration = migration("redisempty", redis)) {
      RedisTalk.history(redis, SESSIONS, 3);
      Pipeline pipeline = migration.startFollowing();
      redis.kill();
      RedisTalk.history(redis, 5, 7);
      migration.await(
          pipeline,
          "five sessions anew",
          unused ->
              count(
                      migration,
                      "SELECT count(*) FROM (SELECT FROM agent_store.messages GROUP BY session_id"
                          + " HAVING count(*) = 7) s")
                  == 5);
      assertThat(count(migration, "SELECT count(*) FROM agent_store.sessions")).isEqualTo(SESSIONS);
      assertThat(count(migration, "SELECT count(*) FROM agent_store.messages"))
          .isEqualTo((SESSIONS - 5) * 3 + 5 * 7);
      assertThat(migration.run("verify").out()).contains("is extraneous");
    }
  }

  private static int count(Migration migration, String sql) {
    try {
      return Integer.parseInt(migration.askTarget(sql));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
