package dev.segue.redis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.support.RedisServer;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An agent that keeps its state in a Redis, in the layout {@code redis-agent}, and an oracle that
 * compares that Redis with the target by means of its own.
 */
final class RedisTalk implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PUSH_TWICE =
      "redis.call('RPUSH', KEYS[1], ARGV[1]); redis.call('RPUSH', KEYS[1], ARGV[2]); return 1";

  private final RedisServer redis;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong commands = new AtomicLong();
  private volatile boolean stopped;
  private volatile Throwable failure;

  private RedisTalk(RedisServer redis) {
    this.redis = redis;
  }

  static String session(int number) {
    return "sess_" + number;
  }

  static String key(String session) {
    return "agent:session:" + session;
  }

  static String message(Random random, String role) {
    return "{\"role\":\""
        + role
        + "\",\"content\":\"said \\u00e9 "
        + random.nextInt(1_000_000)
        + "\",\"timestamp\":1763690000.25,\"extra\":{\"n\":1.10}}";
  }

  /** Writes sessions that are there before anything is migrated. */
  static void history(RedisServer redis, int sessions, int messages) {
    Random random = new Random(1);
    try (StatefulRedisConnection<String, String> connection = redis.connect()) {
      RedisCommands<String, String> commands = connection.sync();
      for (int i = 0; i < sessions; i++) {
        String key = key(session(i));
        commands.hset(
            key,
            Map.of(
                "user_id", "u" + i, "status", "active", "created_at", "1763690000", "plan", "x"));
        String[] all = new String[messages];
        for (int m = 0; m < messages; m++) {
          all[m] = message(random, m % 2 == 0 ? "user" : "assistant");
        }
        commands.rpush(key + ":messages", all);
        commands.hset(key + ":tools", "run-" + i, "{\"name\":\"search\",\"attempt\":2}");
      }
      commands.set("cache:page:1", "stays");
    }
  }

  /** Starts threads that write to these sessions and to new ones, until it is closed. */
  static RedisTalk start(RedisServer redis, int sessions, int perSecond, long seed) {
    RedisTalk talk = new RedisTalk(redis);
    for (int t = 0; t < 2; t++) {
      long own = seed * 31 + t;
      Thread thread = new Thread(() -> talk.run(sessions, perSecond / 2, new Random(own)));
      thread.start();
      talk.threads.add(thread);
    }
    return talk;
  }

  long commands() {
    return commands.get();
  }

  private void run(int sessions, int perSecond, Random random) {
    long began = System.nanoTime();
    long done = 0;
    StatefulRedisConnection<String, String> connection = redis.connect();
    while (!stopped) {
      try {
        once(connection.sync(), sessions, random);
        done++;
        commands.incrementAndGet();
        long due = began + done * 1_000_000_000L / perSecond;
        long wait = due - System.nanoTime();
        if (wait > 0) {
          Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
      } catch (RedisException e) {
        // It is down, or was; as an application would, this tries again.
        connection.close();
        connection = reconnect();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        failure = e;
        return;
      }
    }
    connection.close();
  }

  private StatefulRedisConnection<String, String> reconnect() {
    while (true) {
      try {
        Thread.sleep(50);
        return redis.connect();
      } catch (RedisException e) {
        // Not yet.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void once(RedisCommands<String, String> commands, int sessions, Random random) {
    String key = key(session(random.nextInt(sessions * 11 / 10)));
    String messages = key + ":messages";
    int what = random.nextInt(100);
    if (what < 55) {
      commands.rpush(messages, message(random, "user"), message(random, "assistant"));
    } else if (what < 65) {
      commands.hset(key, "status", random.nextBoolean() ? "active" : "idle");
    } else if (what < 72) {
      commands.hset(
          key + ":tools", "run-" + random.nextInt(5), "{\"attempt\":" + random.nextInt(9) + "}");
    } else if (what < 75) {
      commands.hdel(key + ":tools", "run-" + random.nextInt(5));
    } else if (what < 79) {
      commands.rpop(messages);
    } else if (what < 81) {
      commands.ltrim(messages, -5, -1);
    } else if (what < 83) {
      commands.del(messages);
    } else if (what < 86) {
      if (commands.llen(messages) > 0) {
        try {
          commands.lset(messages, 0, message(random, "system"));
        } catch (io.lettuce.core.RedisCommandExecutionException e) {
          // Another thread emptied it.
        }
      }
    } else if (what < 90) {
      commands.eval(
          PUSH_TWICE,
          ScriptOutputType.INTEGER,
          new String[] {messages},
          message(random, "user"),
          message(random, "tool"));
    } else if (what < 95) {
      commands.multi();
      commands.rpush(messages, message(random, "user"));
      commands.hset(key, "updated_at", Long.toString(1763690000L + random.nextInt(1000)));
      commands.exec();
    } else if (what < 97) {
      commands.expire(key, 5000 + random.nextInt(5000));
    } else if (what < 98) {
      commands.lpop(messages);
    } else if (what < 99) {
      commands.set("cache:page:" + random.nextInt(50), "x");
    } else {
      commands.unlink(key, messages, key + ":tools");
    }
  }

  /** What a message says. */
  static String content(String message) {
    try {
      return JSON.readTree(message).path("content").asText();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** Everything that the Redis holds of sessions, a line for each thing. */
  static Map<String, String> held(RedisServer redis) throws Exception {
    Map<String, String> held = new TreeMap<>();
    try (StatefulRedisConnection<String, String> connection = redis.connect()) {
      RedisCommands<String, String> commands = connection.sync();
      for (String key : commands.keys("agent:session:*")) {
        String rest = key.substring("agent:session:".length());
        if (rest.endsWith(":messages")) {
          String session = rest.substring(0, rest.length() - ":messages".length());
          List<String> all = commands.lrange(key, 0, -1);
          for (int i = 0; i < all.size(); i++) {
            JsonNode message = JSON.readTree(all.get(i));
            held.put(
                "message " + session + " " + i,
                message.path("role").asText() + " " + message.path("content").asText());
          }
        } else if (rest.endsWith(":tools")) {
          String session = rest.substring(0, rest.length() - ":tools".length());
          for (Map.Entry<String, String> tool : commands.hgetall(key).entrySet()) {
            held.put(
                "tool " + session + " " + tool.getKey(),
                JSON.readTree(tool.getValue()).path("attempt").asText());
          }
        } else {
          Map<String, String> hash = commands.hgetall(key);
          held.put("session " + rest, String.valueOf(hash.get("status")));
        }
      }
    }
    return held;
  }

  /** The same of the target. */
  static Map<String, String> applied(Connection target) throws Exception {
    Map<String, String> applied = new TreeMap<>();
    try (Statement statement = target.createStatement()) {
      collect(
          statement,
          "SELECT 'message ' || session_id || ' ' || seq, role || ' ' || content"
              + " FROM agent_store.messages",
          applied);
      collect(
          statement,
          "SELECT 'tool ' || session_id || ' ' || tool_run_id, attempt::text"
              + " FROM agent_store.tool_runs",
          applied);
      collect(
          statement,
          "SELECT 'session ' || session_id, coalesce(status, 'null') FROM agent_store.sessions",
          applied);
    }
    return applied;
  }

  private static void collect(Statement statement, String sql, Map<String, String> into)
      throws Exception {
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        into.put(rows.getString(1), rows.getString(2));
      }
    }
  }

  @Override
  public void close() throws Exception {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }
}
