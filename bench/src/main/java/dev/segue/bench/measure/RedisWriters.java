package dev.segue.bench.measure;

import dev.segue.bench.server.AgentKeys;
import dev.segue.bench.server.RedisServer;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.Random;

/**
 * Agents that write at a steady rate, to sessions that are there and to new ones, and try again
 * while their Redis is down.
 */
final class RedisWriters implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int KEPT = 20;
  private static final long PAUSE_MILLIS = 50;

  private final RedisServer server;
  private final int sessions;
  private final Crew crew;

  private RedisWriters(RedisServer server, int sessions, double rate) {
    this.server = server;
    this.sessions = sessions;
    this.crew = Crew.start("redis-writer", THREADS, rate, this::write);
  }

  /**
   * Starts them.
   *
   * @param sessions how many there are to write to, those that are new included
   * @param rate commands a second, all of them together
   */
  static RedisWriters start(RedisServer server, int sessions, double rate) {
    return new RedisWriters(server, sessions, rate);
  }

  private void write(Random random, Crew own) throws InterruptedException {
    StatefulRedisConnection<String, String> connection = server.connect();
    long due = System.nanoTime();
    while (!own.isStopped()) {
      try {
        command(connection.sync(), random.nextInt(sessions), random);
      } catch (RedisException e) {
        connection.close();
        connection = again(own);
        due = System.nanoTime();
      }
      due = own.awaitTurn(due);
    }
    connection.close();
  }

  private StatefulRedisConnection<String, String> again(Crew own) throws InterruptedException {
    while (true) {
      try {
        Thread.sleep(PAUSE_MILLIS);
        return server.connect();
      } catch (RedisException e) {
        if (own.isStopped()) {
          throw e;
        }
      }
    }
  }

  private static void command(RedisCommands<String, String> commands, int session, Random random) {
    String messages = AgentKeys.messagesKey(session);
    int what = random.nextInt(100);
    if (what < 60) {
      commands.rpush(messages, said("user", random), said("assistant", random));
    } else if (what < 72) {
      commands.hset(AgentKeys.key(session), "status", random.nextBoolean() ? "active" : "idle");
    } else if (what < 80) {
      commands.hset(
          AgentKeys.toolsKey(session),
          "run-" + random.nextInt(5),
          "{\"attempt\":" + random.nextInt(9) + "}");
    } else if (what < 83) {
      commands.hdel(AgentKeys.toolsKey(session), "run-" + random.nextInt(5));
    } else if (what < 87) {
      commands.rpop(messages);
    } else if (what < 90) {
      commands.ltrim(messages, -KEPT, -1);
    } else if (what < 96) {
      commands.multi();
      commands.rpush(messages, said("user", random));
      commands.hset(AgentKeys.key(session), "updated_at", "17636" + (90_000 + random.nextInt(999)));
      commands.exec();
    } else if (what < 98) {
      commands.lpop(messages);
    } else if (what < 99) {
      commands.del(messages);
    } else {
      commands.unlink(AgentKeys.key(session), messages, AgentKeys.toolsKey(session));
    }
  }

  private static String said(String role, Random random) {
    return AgentKeys.message(role, random.nextInt(1_000_000_000));
  }

  /** Ends them; throws what kept one of them from writing. */
  void finish() throws Exception {
    crew.finish();
  }

  @Override
  public void close() {
    crew.close();
  }
}
