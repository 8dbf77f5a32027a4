package dev.segue.bench.server;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an agent keeps in a Redis, in the layout {@code redis-agent}: for each session a hash, a
 * list of messages and a hash of tool runs.
 *
 * @param sessions how many
 * @param messages of each session
 */
public record AgentKeys(int sessions, int messages) {
  /** What {@code --scale 1} stands for: 2,000,000 messages. */
  public static final AgentKeys WHOLE = new AgentKeys(200_000, 10);

  private static final int TOGETHER = 1000;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** A share of the sessions, at least 200. */
  public AgentKeys times(double scale) {
    return new AgentKeys((int) Math.max(200, Math.round(sessions * scale)), messages);
  }

  /** The id of a session. */
  public static String session(int number) {
    return "sess_" + number;
  }

  /** The key of a session's hash. */
  public static String key(int number) {
    return "agent:session:" + session(number);
  }

  /** The key of its messages. */
  public static String messagesKey(int number) {
    return key(number) + ":messages";
  }

  /** The key of its tool runs. */
  public static String toolsKey(int number) {
    return key(number) + ":tools";
  }

  /** One message, as its list holds it. */
  public static String message(String role, long number) {
    return ("{\"role\":\"%s\",\"content\":\"Said \\u2014 %d. Nothing is as long as it looks, and so it"
            + " goes on.\",\"timestamp\":1763690000.25,\"extra\":{\"n\":1.10}}")
        .formatted(role, number);
  }

  /** Writes all of them, many at a time. */
  public void fill(RedisServer server) {
    try (StatefulRedisConnection<String, String> connection = server.connect()) {
      connection.setAutoFlushCommands(false);
      List<RedisFuture<?>> answers = new ArrayList<>();
      for (int i = 0; i < sessions; i++) {
        fill(connection.async(), i, answers);
        if (answers.size() >= TOGETHER || i == sessions - 1) {
          connection.flushCommands();
          LettuceFutures.awaitAll(PATIENCE, answers.toArray(RedisFuture[]::new));
          answers.clear();
        }
      }
    }
  }

  private void fill(
      RedisAsyncCommands<String, String> commands, int session, List<RedisFuture<?>> answers) {
    Map<String, String> hash =
        Map.of("user_id", "u" + session, "status", "active", "created_at", "1763690000");
    String[] all = new String[messages];
    for (int m = 0; m < messages; m++) {
      all[m] = message(m % 2 == 0 ? "user" : "assistant", (long) session * messages + m);
    }
    answers.add(commands.hset(key(session), hash));
    answers.add(commands.rpush(messagesKey(session), all));
    answers.add(commands.hset(toolsKey(session), "run-0", "{\"name\":\"search\",\"attempt\":2}"));
  }
}
