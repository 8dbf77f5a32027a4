package dev.segue.bench.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.bench.server.AgentKeys;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.RedisServer;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Whether a target holds what a Redis holds: each session's status, each message in its place, each
 * tool run. Read by Redis's commands and plain SQL, some sessions at a time.
 */
final class KeysDelivery {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOGETHER = 2000;

  private static final String HELD =
      """
      SELECT 'session ' || session_id, coalesce(status, 'null')
      FROM agent_store.sessions WHERE session_id = ANY (?)
      UNION ALL
      SELECT 'message ' || session_id || ' '
          || row_number() OVER (PARTITION BY session_id ORDER BY seq),
        role || ' ' || content
      FROM agent_store.messages WHERE session_id = ANY (?)
      UNION ALL
      SELECT 'tool ' || session_id || ' ' || tool_run_id, attempt::text
      FROM agent_store.tool_runs WHERE session_id = ANY (?)
      """;

  private final StatefulRedisConnection<String, String> redis;
  private final PreparedStatement held;
  private long compared;
  private long lost;
  private long altered;
  private long extra;

  /**
   * What came of it.
   *
   * @param compared things that the Redis holds
   * @param lost of them are not in the target
   * @param altered of them are something else there
   * @param extra things of the target that the Redis does not hold
   */
  record Found(long compared, long lost, long altered, long extra) {}

  private KeysDelivery(StatefulRedisConnection<String, String> redis, PreparedStatement held) {
    this.redis = redis;
    this.held = held;
  }

  /**
   * Compares.
   *
   * @param sessions how many may ever have been there
   */
  static Found compare(RedisServer source, Database target, int sessions) throws Exception {
    try (StatefulRedisConnection<String, String> redis = source.connect();
        Connection connection = target.open();
        PreparedStatement held = connection.prepareStatement(HELD)) {
      KeysDelivery delivery = new KeysDelivery(redis, held);
      for (int from = 0; from < sessions; from += TOGETHER) {
        delivery.compare(from, Math.min(sessions, from + TOGETHER));
      }
      return new Found(delivery.compared, delivery.lost, delivery.altered, delivery.extra);
    }
  }

  private void compare(int from, int to) throws Exception {
    Map<String, String> wanted = wanted(from, to);
    Map<String, String> found = found(from, to);
    wanted.forEach(
        (thing, value) -> {
          String there = found.remove(thing);
          compared++;
          if (there == null) {
            lost++;
          } else if (!there.equals(value)) {
            altered++;
          }
        });
    extra += found.size();
  }

  private Map<String, String> found(int from, int to) throws SQLException {
    String[] names = new String[to - from];
    for (int i = from; i < to; i++) {
      names[i - from] = AgentKeys.session(i);
    }
    for (int parameter = 1; parameter <= 3; parameter++) {
      held.setArray(parameter, held.getConnection().createArrayOf("text", names));
    }
    Map<String, String> found = new HashMap<>();
    try (ResultSet rows = held.executeQuery()) {
      while (rows.next()) {
        found.put(rows.getString(1), rows.getString(2));
      }
    }
    return found;
  }

  private Map<String, String> wanted(int from, int to)
      throws InterruptedException, ExecutionException, IOException {
    List<RedisFuture<Map<String, String>>> hashes = new ArrayList<>();
    List<RedisFuture<List<String>>> messages = new ArrayList<>();
    List<RedisFuture<Map<String, String>>> tools = new ArrayList<>();
    for (int i = from; i < to; i++) {
      hashes.add(redis.async().hgetall(AgentKeys.key(i)));
      messages.add(redis.async().lrange(AgentKeys.messagesKey(i), 0, -1));
      tools.add(redis.async().hgetall(AgentKeys.toolsKey(i)));
    }
    Map<String, String> wanted = new HashMap<>();
    for (int i = from; i < to; i++) {
      String session = AgentKeys.session(i);
      Map<String, String> hash = answer(hashes.get(i - from));
      if (!hash.isEmpty()) {
        wanted.put("session " + session, Objects.toString(hash.get("status")));
      }
      int place = 0;
      for (String message : answer(messages.get(i - from))) {
        JsonNode json = JSON.readTree(message);
        wanted.put(
            "message " + session + " " + ++place,
            json.path("role").asText() + " " + json.path("content").asText());
      }
      for (Map.Entry<String, String> tool : answer(tools.get(i - from)).entrySet()) {
        wanted.put(
            "tool " + session + " " + tool.getKey(),
            JSON.readTree(tool.getValue()).path("attempt").asText());
      }
    }
    return wanted;
  }

  private static <T> T answer(RedisFuture<T> asked)
      throws InterruptedException, ExecutionException {
    CompletableFuture<T> future = asked.toCompletableFuture();
    return future.get();
  }
}
