package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
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
    Migration.Outcome plan = migration.run("plan", "--create-target");
    assertThat(plan.exit()).as(plan.all()).isZero();
    return migration;
  }

  private static Pipeline start(Migration migration) throws Exception {
    Pipeline pipeline = migration.start(Map.of());
    migration.awaitStreaming(pipeline);
    migration.awaitLag(pipeline);
    return pipeline;
  }

  private static void assertSame(Migration migration, RedisServer redis) throws Exception {
    migration.drain(redis, Duration.ofSeconds(90));
    try (Connection target = migration.target()) {
      Map<String, String> held = RedisTalk.held(redis);
      assertThat(held).hasSizeGreaterThan(SESSIONS);
      assertThat(RedisTalk.applied(target)).isEqualTo(held);
    }
    Migration.Outcome verify = migration.run("verify");
    assertThat(verify.exit()).as(verify.all()).isZero();
  }

  @Test
  void sessionsMoveWhileTheyAreWrittenTo() throws Exception {
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = migration("redislive", redis)) {
      RedisTalk.history(redis, SESSIONS, 10);
      Pipeline pipeline;
      try (RedisTalk talk = RedisTalk.start(redis, SESSIONS, 300, 1)) {
        pipeline = start(migration);
        Thread.sleep(4000);
        pipeline.kill();
        Thread.sleep(1000);
        pipeline = start(migration);
        Thread.sleep(3000);
        Migration.Outcome live = migration.run("verify");
        assertThat(live.exit()).as(live.all()).isZero();
        assertThat(talk.commands()).isGreaterThan(1000);
      }
      assertSame(migration, redis);
      Migration.Outcome cutover = migration.run("cutover", "--all");
      assertThat(cutover.exit()).isNotZero();
      assertThat(cutover.err()).contains("cannot refuse writers of a session");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      Migration.Outcome complete = migration.run("complete");
      assertThat(complete.exit()).as(complete.all()).isZero();
    }
  }
}
