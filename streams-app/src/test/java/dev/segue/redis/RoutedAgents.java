package dev.segue.redis;

import dev.segue.client.SegueRoutes;
import dev.segue.client.SegueRoutes.Route;
import dev.segue.client.SegueRoutes.Side;
import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Agents that talk in sessions which are handed from a Redis to PostgreSQL and back: each asks for
 * its session's route before it writes, and keeps to it. They know what they were acknowledged.
 */
final class RoutedAgents implements AutoCloseable {
  private static final int AGENTS = 3;
  private static final String NO_FUNCTION = "42883";

  private final Migration migration;
  private final RedisServer redis;
  private final SegueRoutes routes;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, List<String>> said = new ConcurrentHashMap<>();
  private final AtomicLong atSource = new AtomicLong();
  private final AtomicLong atTarget = new AtomicLong();
  private volatile boolean stopped;
  private volatile Throwable failure;

  private RoutedAgents(Migration migration, RedisServer redis, URI base) {
    this.migration = migration;
    this.redis = redis;
    this.routes = SegueRoutes.follow(base);
  }

  /**
   * Starts to talk.
   *
   * @param base where {@code segue run} answers
   */
  static RoutedAgents start(Migration migration, RedisServer redis, URI base, int sessions) {
    RoutedAgents agents = new RoutedAgents(migration, redis, base);
    for (int agent = 0; agent < AGENTS; agent++) {
      int own = agent;
      Thread thread = new Thread(() -> agents.run(own, sessions));
      thread.start();
      agents.threads.add(thread);
    }
    return agents;
  }

  /** What each session was told and acknowledged, in this order. */
  Map<String, List<String>> said() {
    return said;
  }

  long atSource() {
    return atSource.get();
  }

  long atTarget() {
    return atTarget.get();
  }

  /** Has the agents go on until one side took so many more messages. */
  void awaitMore(AtomicLong side, int messages) throws InterruptedException {
    long until = System.nanoTime() + 60_000_000_000L;
    long before = side.get();
    while (side.get() < before + messages) {
      if (System.nanoTime() > until || failure != null) {
        throw new AssertionError(side.get() - before + " messages in a minute", failure);
      }
      Thread.sleep(20);
    }
  }

  AtomicLong source() {
    return atSource;
  }

  AtomicLong target() {
    return atTarget;
  }

  /** Each agent has sessions of its own, so that what it says in one has an order. */
  private void run(int agent, int sessions) {
    Random random = new Random(agent);
    try (Connection database = migration.target()) {
      StatefulRedisConnection<String, String> connection = redis.connect();
      while (!stopped) {
        String session = RedisTalk.session(random.nextInt(sessions / AGENTS) * AGENTS + agent);
        String text = "agent " + agent + " " + UUID.randomUUID();
        try {
          if (say(connection, database, session, text)) {
            said.computeIfAbsent(session, unused -> new ArrayList<>()).add(text);
          }
        } catch (RedisException e) {
          connection.close();
          connection = redis.connect();
        }
        Thread.sleep(5);
      }
      connection.close();
    } catch (InterruptedException e) {
      // It is over.
    } catch (Exception e) {
      failure = e;
    }
  }

  /** False if the session is changing hands. */
  private boolean say(
      StatefulRedisConnection<String, String> connection,
      Connection database,
      String session,
      String text)
      throws SQLException {
    Optional<Side> owner = owner(database, session);
    if (owner.isEmpty()) {
      return false;
    }
    if (owner.get() == Side.SOURCE) {
      connection
          .sync()
          .rpush(
              RedisTalk.key(session) + ":messages",
              "{\"role\":\"user\",\"content\":\"" + text + "\",\"timestamp\":1763690001}");
      atSource.incrementAndGet();
      return true;
    }
    try (PreparedStatement insert =
        database.prepareStatement(
            "INSERT INTO agent_store.messages (session_id, message_id, role, content, created_at)"
                + " VALUES (?, ?, 'user', ?, date_trunc('milliseconds', clock_timestamp()))")) {
      insert.setString(1, session);
      insert.setString(2, UUID.randomUUID().toString());
      insert.setString(3, text);
      insert.executeUpdate();
      atTarget.incrementAndGet();
      return true;
    } catch (SQLException e) {
      if (e.getSQLState().equals(SegueRoutes.MOVED) || e.getSQLState().equals(SegueRoutes.MOVING)) {
        routes.forget(session);
        return false;
      }
      throw e;
    }
  }

  /** While the migration does not answer, the target's database knows. */
  private Optional<Side> owner(Connection database, String session) throws SQLException {
    Optional<Route> route = routes.route(session);
    if (route.isPresent()) {
      return route.filter(known -> !known.moving()).map(Route::owner);
    }
    try (PreparedStatement ask = database.prepareStatement("SELECT segue.owner_of(?)")) {
      ask.setString(1, session);
      try (ResultSet rows = ask.executeQuery()) {
        rows.next();
        String owner = rows.getString(1);
        return owner.equals("moving")
            ? Optional.empty()
            : Optional.of(owner.equals("target") ? Side.TARGET : Side.SOURCE);
      }
    } catch (SQLException e) {
      if (e.getSQLState().equals(NO_FUNCTION)) {
        // Nothing was ever moved.
        return Optional.of(Side.SOURCE);
      }
      throw e;
    }
  }

  /** What a Redis holds of what agents said, by session, in its order. */
  static Map<String, List<String>> heldBy(RedisServer redis, Iterable<String> sessions) {
    Map<String, List<String>> held = new HashMap<>();
    try (StatefulRedisConnection<String, String> connection = redis.connect()) {
      for (String session : sessions) {
        List<String> texts = new ArrayList<>();
        for (String element :
            connection.sync().lrange(RedisTalk.key(session) + ":messages", 0, -1)) {
          String text = RedisTalk.content(element);
          if (text.startsWith("agent ")) {
            texts.add(text);
          }
        }
        held.put(session, texts);
      }
    }
    return held;
  }

  @Override
  public void close() throws Exception {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    routes.close();
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }
}
