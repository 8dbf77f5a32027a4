package dev.segue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sessions of a Redis are handed over and given back while agents that keep to routes go on. */
class RedisHandoverIT {
  private static final int SESSIONS = 120;

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Migration migration(String name, RedisServer redis, int port) throws Exception {
    RedisTalk.history(redis, SESSIONS, 6);
    Migration migration =
        new Migration(name)
            .configRedis(
                redis,
                "redis-agent",
                "capture: {heartbeat: 300ms}",
                "cutover: {route-grace: 1s, max-pause: 10s}",
                "http: {listen: \"127.0.0.1:" + port + "\"}",
                "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    migration.mustRun("plan", "--create-target");
    return migration;
  }

  @Test
  void sessionsGoOverAndComeBackWhileAgentsTalk() throws Exception {
    int port = freePort();
    try (RedisServer redis = Servers.redis("--appendonly", "yes", "--appendfsync", "always");
        Migration migration = migration("redishandover", redis, port)) {
      Pipeline pipeline = migration.startFollowing();
      URI base = URI.create("http://127.0.0.1:" + port);
      RoutedAgents agents = RoutedAgents.start(migration, redis, base, SESSIONS);
      try (agents) {
        agents.awaitMore(agents.source(), 50);
        migration.mustRun("cutover", "--slice", "30%");
        agents.awaitMore(agents.target(), 50);
        migration.mustRun("cutover", "--all");
        agents.awaitMore(agents.target(), 50);
        pipeline.kill();
        agents.awaitMore(agents.target(), 20);
        pipeline = migration.startFollowing();
        redis.kill();
        agents.awaitMore(agents.target(), 50);
        migration.awaitBothWays(pipeline);
        migration.mustRun("rollback", "--slice", "50%");
        agents.awaitMore(agents.source(), 50);
        agents.awaitMore(agents.target(), 50);
        migration.mustRun("rollback", "--all");
        agents.awaitMore(agents.source(), 50);
        migration.mustRun("cutover", "--slice", "50%");
        agents.awaitMore(agents.target(), 50);
      }
      assertThat(agents.atSource()).isPositive();
      assertHeld(migration, redis, agents.said());
      migration.mustRun("verify");
      migration.mustRun("cutover", "--all");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      migration.mustRun(
          "complete", "--report", migration.directory().resolve("report.json").toString());
      try (StatefulRedisConnection<String, String> connection = redis.connect()) {
        assertThat(connection.sync().keys("segue:*")).isEmpty();
      }
    }
  }

  /** Both sides come to hold all that was acknowledged, once each, in its order. */
  private static void assertHeld(
      Migration migration, RedisServer redis, Map<String, List<String>> said) throws Exception {
    migration.drain(redis, Duration.ofSeconds(60));
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!RoutedAgents.heldBy(redis, said.keySet()).equals(said) && System.nanoTime() < until) {
      Thread.sleep(200);
    }
    assertThat(RoutedAgents.heldBy(redis, said.keySet())).isEqualTo(said);
    Set<String> all = said.values().stream().flatMap(List::stream).collect(Collectors.toSet());
    try (Connection target = migration.target();
        Statement statement = target.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT content FROM agent_store.messages WHERE content LIKE 'agent %'")) {
      Set<String> held = new HashSet<>();
      while (rows.next()) {
        assertThat(held.add(rows.getString(1))).as("twice: " + rows.getString(1)).isTrue();
      }
      assertThat(held).isEqualTo(all);
    }
  }

  @Test
  @Tag("long")
  void keysKeepTheTimesThatTheirApplicationGaveThem() throws Exception {
    int port = freePort();
    try (RedisServer redis = Servers.redis("--appendonly", "yes", "--appendfsync", "always");
        Migration migration = migration("redistimes", redis, port);
        StatefulRedisConnection<String, String> connection = redis.connect()) {
      migration.startFollowing();
      String session = RedisTalk.session(7);
      String list = RedisTalk.key(session) + ":messages";
      migration.mustRun("cutover", "--all");
      say(migration, session, "first");
      migration.onTarget(
          "UPDATE agent_store.sessions SET expires_at = now() + interval '1 hour'"
              + " WHERE session_id = '"
              + session
              + "'");
      migration.drainBackInto(redis, Duration.ofSeconds(30));
      assertThat(connection.sync().pttl(list)).isBetween(1L, Duration.ofHours(1).toMillis());

      migration.mustRun("rollback", "--all");
      long later = System.currentTimeMillis() + Duration.ofHours(3).toMillis();
      for (String suffix : List.of("", ":messages", ":tools")) {
        connection.sync().pexpireat(RedisTalk.key(session) + suffix, later);
      }
      migration.drain(redis, Duration.ofSeconds(30));
      migration.mustRun("cutover", "--all");
      say(migration, session, "second");
      migration.drainBackInto(redis, Duration.ofSeconds(30));
      // The session's own row said nothing, so the list keeps the time that it had by then.
      assertThat(System.currentTimeMillis() + connection.sync().pttl(list))
          .isCloseTo(later, within(1000L));
      String places = "segue:redistimes--back:places:messages:" + session;
      assertThat(connection.sync().hlen(places)).isPositive();
      assertThat(connection.sync().pttl(places)).isEqualTo(-1);
      migration.mustRun("rollback", "--all");
      assertThat(connection.sync().lrange(list, -2, -1).toString())
          .containsSubsequence("first", "second");
      migration.mustRun("verify");
    }
  }

  private static void say(Migration migration, String session, String text) throws Exception {
    migration.onTarget(
        "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at)"
            + " VALUES ('%s', '%s/%s', 'user', '%s', now())"
                .formatted(session, session, text, text));
  }

  @Test
  void sessionsOfTheSourceAreMendedWhileTheirWritersGoOn() throws Exception {
    int port = freePort();
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = migration("redismend", redis, port);
        StatefulRedisConnection<String, String> connection = redis.connect()) {
      migration.startFollowing();
      migration.mustRun("cutover", "--slice", "10%");
      String session =
          migration.askTarget(
              "SELECT session_id FROM agent_store.sessions WHERE"
                  + " segue.owner_of(session_id) = 'source' LIMIT 1");
      String list = RedisTalk.key(session) + ":messages";
      List<String> before = connection.sync().lrange(list, 0, -1);
      // Somebody gets past the target's fence; the source owns the session.
      migration.onTarget(
          "SET session_replication_role = replica; DELETE FROM agent_store.messages"
              + " WHERE session_id = '"
              + session
              + "'");
      migration.drainBackInto(redis, Duration.ofSeconds(30));
      assertThat(connection.sync().lrange(list, 0, -1)).isEqualTo(before);
      assertThat(migration.run("verify").exit()).isEqualTo(1);

      migration.mustRun("verify", "--repair");
      migration.mustRun("verify");
    }
  }

  @Test
  @Tag("long")
  void aRedisThatForgotTheWayBackIsNamed() throws Exception {
    int port = freePort();
    try (RedisServer redis = Servers.redis("--save", "");
        Migration migration = migration("redislost", redis, port)) {
      Pipeline pipeline = migration.startFollowing();
      migration.mustRun("cutover", "--all");
      String held = "SELECT count(*) FROM agent_store.messages";
      String before = migration.askTarget(held);
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      redis.kill();
      migration.startFollowing();
      Migration.Outcome rollback = migration.run("rollback", "--all");
      assertThat(rollback.exit()).isNotZero();
      assertThat(rollback.err()).contains("has forgotten the way back");
      assertThat(Files.readString(migration.log())).contains("has forgotten the way back");
      migration.drain(redis, Duration.ofSeconds(60));
      assertThat(migration.askTarget(held)).isEqualTo(before);
    }
  }

  @Test
  void whatAWriterDoesWhoDoesNotKeepToItsRouteIsKept() throws Exception {
    int port = freePort();
    try (RedisServer redis = Servers.redis("--appendonly", "yes");
        Migration migration = migration("redisstray", redis, port)) {
      Pipeline pipeline = migration.startFollowing();
      migration.mustRun("cutover", "--all");
      String session = RedisTalk.session(7);
      try (StatefulRedisConnection<String, String> connection = redis.connect()) {
        connection
            .sync()
            .rpush(
                RedisTalk.key(session) + ":messages",
                "{\"role\":\"user\",\"content\":\"astray\",\"timestamp\":1763690002}");
      }
      migration.drain(redis, Duration.ofSeconds(30));
      assertThat(
              migration.askTarget(
                  "SELECT count(*) FROM agent_store.messages WHERE content = 'astray'"))
          .isEqualTo("0");
      Migration.Outcome letters = migration.run("dead-letters", "show", session, "--show-values");
      assertThat(letters.all())
          .contains("astray")
          .contains("belongs to the side that it was to be brought to");
      assertThat(pipeline.stop(Duration.ofSeconds(60))).isZero();
      String config = Files.readString(migration.file());
      Files.writeString(migration.file(), config.replace("route-grace: 1s, ", ""));
      Migration.Outcome run = migration.run("run");
      assertThat(run.exit()).as(run.all()).isEqualTo(3);
      assertThat(run.err()).contains("nobody keeps to routes any more");
    }
  }
}
