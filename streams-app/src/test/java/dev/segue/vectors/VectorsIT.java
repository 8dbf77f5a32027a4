package dev.segue.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.demo.Pipeline;
import dev.segue.examples.Example;
import dev.segue.support.EmbeddingEndpoint;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IntSummaryStatistics;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code examples/memory}: vectors of another model are made anew from the texts, live. */
class VectorsIT {
  private static final int DIMENSION = 64;

  private static Migration example(String name, EmbeddingEndpoint endpoint) throws Exception {
    Migration migration = new Migration(name);
    migration.onSource(Example.text("memory/source.sql"));
    migration.onTarget(Example.text("memory/target.sql"));
    Example.configure(
        migration,
        "memory/migration.yaml",
        "capture: {heartbeat: 300ms}",
        "cutover: {max-pause: 10s}",
        "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}");
    Example.replace(migration, "http://embedder:8080/v1", endpoint.url());
    Example.replace(migration, "dimension: 384", "dimension: " + DIMENSION);
    return migration;
  }

  private static void write(Migration migration, int items, int from) throws Exception {
    migration.onSource(
        "INSERT INTO chat.memories (conversation_id, id, fact, vector) SELECT 'conv-' || 1 + i % 2,"
            + " i, 'fact number ' || i || ' of somebody who likes ' || md5(i::text),"
            + " ARRAY[sin(i), cos(i), 0.5]::real[] FROM generate_series("
            + from
            + ", "
            + (from + items - 1)
            + ") i");
  }

  /** How many items do not have the vector that anybody can compute from their text. */
  private static long wrong(Migration migration) throws Exception {
    long wrong = 0;
    try (Connection target = migration.target();
        PreparedStatement statement =
            target.prepareStatement("SELECT body, embedding FROM recollections");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        Float[] found =
            rows.getArray(2) == null ? new Float[0] : (Float[]) rows.getArray(2).getArray();
        float[] expected = EmbeddingEndpoint.vector(rows.getString(1), DIMENSION);
        boolean same = found.length == expected.length;
        for (int i = 0; same && i < expected.length; i++) {
          same = found[i] == expected[i];
        }
        wrong += same ? 0 : 1;
      }
    }
    return wrong;
  }

  private static void awaitVectors(Migration migration) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> wrong(migration) == 0);
  }

  @Test
  void vectorsFollowTheirTextsAndHoldACutoverBackUntilTheyAreThere() throws Exception {
    try (EmbeddingEndpoint endpoint = new EmbeddingEndpoint(DIMENSION);
        Migration migration = example("vectors", endpoint)) {
      write(migration, 40, 100);
      migration.onTarget("ALTER TABLE recollections ALTER embedding SET NOT NULL");
      assertThat(migration.run("plan").all())
          .contains("ALTER COLUMN embedding DROP NOT NULL")
          .doesNotContain("add 'default");
      migration.onTarget("ALTER TABLE recollections ALTER embedding DROP NOT NULL");
      Migration.Outcome plan = migration.mustRun("plan", "--set", "vectors.embedder.price=2");
      assertThat(plan.out()).contains("acme/words-1:3 is not all-minilm-l6-v2:64", "43 texts");

      endpoint.failOnce(429);
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      awaitVectors(migration);
      assertThat(migration.askTarget("SELECT count(*) FROM recollections")).isEqualTo("43");

      endpoint.failOnce(500);
      migration.onSource("UPDATE chat.memories SET fact = 'lives in Bergen' WHERE id = 1");
      migration.onSource("UPDATE chat.memories SET weight = 0.1 WHERE id = 2");
      migration.onSource(
          "INSERT INTO chat.memories (conversation_id, id, fact) VALUES ('conv-2', 9000, 'new')");
      migration.drain(Duration.ofSeconds(60));
      awaitVectors(migration);
      assertThat(endpoint.asked().get("moved in spring").get()).isEqualTo(1);

      JsonNode report = new ObjectMapper().readTree(migration.run("verify", "--json").out());
      assertThat(report.path("result").asText()).isEqualTo("pass");
      assertThat(report.path("vectors").path("waiting").asInt()).isZero();
      assertThat(report.path("vectors").path("items").asInt()).isEqualTo(44);
      assertThat(report.path("vectors").path("recall_at10").isNumber()).isTrue();

      migration.onSource(
          "INSERT INTO chat.memories (conversation_id, id, fact) VALUES ('conv-1', 9001, '"
              + EmbeddingEndpoint.TOO_LONG
              + "')");
      migration.drain(Duration.ofSeconds(60));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  migration
                      .askTarget("SELECT count(*) FROM segue.embedding WHERE refused IS NOT NULL")
                      .equals("1"));
      Migration.Outcome refused = migration.run("cutover", "--all");
      assertThat(refused.exit()).as(refused.all()).isEqualTo(1);
      assertThat(refused.all()).contains("conv-1", "maximum context");
      assertThat(migration.run("verify").out()).contains("1 pending", "maximum context");

      migration.onSource("DELETE FROM chat.memories WHERE id = 9001");
      migration.drain(Duration.ofSeconds(60));
      migration.mustRun("cutover", "--all");

      // From here on the vectors are the application's.
      migration.onTarget(
          "UPDATE recollections SET body = 'lives in Tromsø', embedding = '{1,2}'"
              + " WHERE item = '1'");
      migration.mustRun("rollback", "--all");
      assertThat(
              migration.askSource(
                  "SELECT fact || ' ' || vector::text FROM chat.memories WHERE id = 1"))
          .isEqualTo("lives in Tromsø {0.12,0.5,0.33}");
      awaitVectors(migration);
      assertThat(migration.run("verify").exit()).isZero();
    }
  }

  @Test
  void killMidwayMakesAtMostOneBatchASecondTime() throws Exception {
    try (EmbeddingEndpoint endpoint = new EmbeddingEndpoint(DIMENSION);
        Migration migration = example("vectors-killed", endpoint)) {
      write(migration, 3000, 100);
      endpoint.delay(30);
      Pipeline first = migration.start(Map.of());
      migration.awaitStreaming(first);
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> endpoint.texts() > 900);
      first.kill();
      endpoint.delay(0);
      migration.startFollowing();
      awaitVectors(migration);

      Map<String, AtomicInteger> asked = new HashMap<>(endpoint.asked());
      asked.keySet().removeIf(text -> text.startsWith("segue plan"));
      assertThat(asked.size()).isEqualTo(3003);
      IntSummaryStatistics times =
          asked.values().stream().mapToInt(AtomicInteger::get).summaryStatistics();
      assertThat(times.getSum()).isBetween(3003L, 3003L + 32);
      assertThat(times.getMax()).isLessThanOrEqualTo(2);
      assertThat(migration.run("verify").out()).contains("2 of 2 sessions pass", "3,003 of 3,003");
    }
  }

  @Test
  void vectorsOfTheSameModelAreCopied() throws Exception {
    try (EmbeddingEndpoint endpoint = new EmbeddingEndpoint(DIMENSION);
        Migration migration = example("vectors-copied", endpoint)) {
      Example.replace(
          migration,
          "source: {provider: acme, model: words-1, dimension: 3}",
          "source: {model: all-minilm-l6-v2, dimension: " + DIMENSION + "}");
      float[] vector = EmbeddingEndpoint.vector("x", DIMENSION);
      vector[0] = 1e-30f;
      migration.onSource(
          "UPDATE chat.memories SET vector = '"
              + EmbeddingEndpoint.literal(vector)
              + "' WHERE id = 1");
      migration.startFollowing();
      vector[1] = -0.0000123f;
      migration.onSource(
          "UPDATE chat.memories SET vector = '"
              + EmbeddingEndpoint.literal(vector)
              + "' WHERE id = 2");
      migration.drain(Duration.ofSeconds(60));
      assertThat(
              migration.askTarget(
                  "SELECT string_agg(embedding::text, ' ' ORDER BY item) FROM recollections"))
          .isEqualTo(
              migration.askSource(
                  "SELECT string_agg(vector::text, ' ' ORDER BY id) FROM chat.memories"));
      assertThat(migration.run("verify").exit()).isZero();
      assertThat(endpoint.texts()).isZero();
      assertThat(Arrays.toString(vector)).contains("E");
    }
  }

  @Test
  void vectorsThatTheLogLeavesOutStayAsTheyAre() throws Exception {
    int dimension = 1536;
    try (EmbeddingEndpoint endpoint = new EmbeddingEndpoint(DIMENSION);
        Migration migration = example("vectors-large", endpoint)) {
      Example.replace(
          migration,
          "source: {provider: acme, model: words-1, dimension: 3}",
          "source: {model: all-minilm-l6-v2, dimension: " + DIMENSION + "}");
      migration.onSource(
          "UPDATE chat.memories SET vector = (SELECT array_agg(random()::real) FROM"
              + " generate_series(1, "
              + dimension
              + ") i WHERE i + id > 0)");
      migration.onSource("ALTER TABLE chat.memories ADD COLUMN counts int[], ADD tags text[]");
      migration.onSource(
          "UPDATE chat.memories SET counts = (SELECT array_agg((random() * 1e9)::int) FROM"
              + " generate_series(1, 3000) i WHERE i + id > 0), tags = (SELECT"
              + " array_agg(random()::text) FROM generate_series(1, 900) i WHERE i + id > 0)");
      assertThat(migration.run("plan").out())
          .contains("chat.memories: REPLICA IDENTITY FULL, because column vector is real[]");
      migration.startFollowing();
      migration.onSource("UPDATE chat.memories SET weight = 0.5");
      migration.drain(Duration.ofSeconds(60));
      assertThat(migration.askTarget("SELECT count(*) FROM recollections WHERE importance = 0.5"))
          .isEqualTo("3");
      assertThat(
              migration.askTarget(
                  "SELECT min(array_length(embedding, 1)) || ' '"
                      + " || md5(string_agg(embedding::text, ' ' ORDER BY item)) FROM recollections"))
          .isEqualTo(
              dimension
                  + " "
                  + migration.askSource(
                      "SELECT md5(string_agg(vector::text, ' ' ORDER BY id)) FROM chat.memories"));
      assertThat(
              migration.askTarget(
                  "SELECT md5(string_agg(x, ',' ORDER BY item)) FROM (SELECT item,"
                      + " (details->'kept'->'unknown'->'counts')::text"
                      + " || (details->'kept'->'unknown'->'tags')::text AS x FROM recollections) r"))
          .isEqualTo(
              migration.askSource(
                  "SELECT md5(string_agg(to_jsonb(counts)::text || to_jsonb(tags)::text, ','"
                      + " ORDER BY id)) FROM chat.memories"));
      assertThat(migration.run("verify").exit()).isZero();
    }
  }
}
