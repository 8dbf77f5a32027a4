package dev.segue.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.postgres.PostgresAddress;
import dev.segue.redis.RedisAddress;
import dev.segue.yaml.YamlException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {
  private static final String GOOD =
      """
      name: chat-move
      source: {layout: callsphere, url: "postgresql://segue@old-db/agents", password: "${env:SECRET}"}
      target: {layout: aria-engine, url: "postgresql://segue:in%20url@new-db:6432/engine?sslmode=require"}
      """;

  private static MigrationConfig read(String text, Map<String, String> overrides) {
    Map<String, String> environment = Map.of("SECRET", "p\"w");
    return new ConfigReader(environment::get, overrides).read("migration.yaml", text);
  }

  private static PostgresAddress postgres(SystemConfig system) {
    return ((SystemConfig.Postgres) system.address()).at();
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    MigrationConfig config = read(GOOD, Map.of());

    assertThat(postgres(config.source()).port()).isEqualTo(5432);
    assertThat(postgres(config.source()).password().reveal()).isEqualTo("p\"w");
    assertThat(postgres(config.target()).password().reveal()).isEqualTo("in url");
    assertThat(postgres(config.target()).parameters()).containsEntry("sslmode", "require");
    assertThat(config.kafka().bootstrap()).isEmpty();
    assertThat(config.kafka().partitions()).isEqualTo(8);
    assertThat(config.snapshot().chunk()).isEqualTo(16L << 20);
    assertThat(config.heartbeat()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.sink().members()).isEqualTo(1);
    assertThat(config.dataDir()).hasToString(".segue/chat-move");
    assertThat(config.toString()).doesNotContain("p\"w").doesNotContain("in url");
  }

  @Test
  void theSinkHasOneToEightMembers() {
    assertThat(read(GOOD, Map.of("sink.members", "8")).sink().members()).isEqualTo(8);
    for (String wrong : new String[] {"0", "9", "two"}) {
      assertThatThrownBy(() -> read(GOOD, Map.of("sink.members", wrong)))
          .hasMessageContaining("members");
    }
  }

  @Test
  void driverHasToSendValuesInBinary() {
    String url = "postgresql://segue@new-db/engine?preferQueryMode=";
    assertThat(postgres(read(GOOD, Map.of("target.url", url + "extended")).target()).parameters())
        .containsEntry("preferQueryMode", "extended");
    assertThatThrownBy(() -> read(GOOD, Map.of("target.url", url + "simple")))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("must not set preferQueryMode=simple");
  }

  @Test
  void filesAreNamedByTheirUrl() {
    MigrationConfig config =
        read(GOOD, Map.of("source.url", "file:///home/claw/my%20sessions", "source.layout", "x"));

    assertThat(config.source().address())
        .isEqualTo(new SystemConfig.Files(Path.of("/home/claw/my sessions")));
    assertThat(read(GOOD, Map.of("target.url", "file:///home/claw")).target().address())
        .isEqualTo(new SystemConfig.Files(Path.of("/home/claw")));
    assertThatThrownBy(() -> read(GOOD, Map.of("source.url", "file:claw")))
        .hasMessageContaining("must be file:///path/of/the/directory");
  }

  @Test
  void writersAreAwaitedForLessThanAPause() {
    assertThat(read(GOOD, Map.of()).cutover().routeGrace()).isEmpty();
    assertThat(read(GOOD, Map.of("cutover.route-grace", "1s")).cutover().routeGrace())
        .hasValue(Duration.ofSeconds(1));
    assertThatThrownBy(
            () -> read(GOOD, Map.of("cutover.route-grace", "2s", "cutover.max-pause", "2s")))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("must be less than cutover.max-pause (2000 ms)");
  }

  @Test
  void aRedisIsFollowedByNotificationsIfItIsSaid() {
    SystemConfig redis =
        read(GOOD, Map.of("source.url", "redis://cache:6380/2?follow=notifications")).source();
    assertThat(((SystemConfig.Redis) redis.address()).at().following())
        .isEqualTo(RedisAddress.Following.NOTIFICATIONS);
    assertThatThrownBy(() -> read(GOOD, Map.of("source.url", "redis://cache/0?follow=me")))
        .hasMessageContaining("may end with ?follow=replication or ?follow=notifications");
  }

  @Test
  void overridesGoBeforeTheFile() {
    MigrationConfig config =
        read(GOOD, Map.of("kafka.partitions", "4", "kafka.properties.sasl.mechanism", "PLAIN"));

    assertThat(config.kafka().partitions()).isEqualTo(4);
    assertThat(config.kafka().properties()).containsEntry("sasl.mechanism", "PLAIN");
  }

  @Test
  void allMistakesAreNamedAtOnceWithTheirLines() {
    String bad =
        """
        name: Chat Move
        sorce: {}
        target:
          layout: aria-engine
          url: mysql://x/y
          password: ${env:MISSING}
        kafka:
          partitions: many
          bootstrap: nowhere
        snapshot: {chunk: 64}
        http: {listen: 0.0.0.0:80}
        """;

    assertThatThrownBy(() -> read(bad, Map.of("kafka.partitons", "4")))
        .isInstanceOfSatisfying(
            YamlException.class,
            e ->
                assertThat(e.problems())
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:1: 'name' must match"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:2:").contains("'source'?"))
                    .anySatisfy(p -> assertThat(p).contains("'source' is missing"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:5:").contains("mysql"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:6:").contains("MISSING"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:8:").contains("1 to 256"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:9:").contains("host:port"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:10:").contains("64MB"))
                    .anySatisfy(
                        p -> assertThat(p).startsWith("migration.yaml:11:").contains("loopback"))
                    .anySatisfy(p -> assertThat(p).contains("--set kafka.partitons"))
                    .hasSize(10));
  }

  @Test
  void listInPlaceOfAValueIsRefused() {
    assertThatThrownBy(() -> read(GOOD.replace("name: chat-move", "name: [a]"), Map.of()))
        .hasMessageContaining("must be one value");
  }

  @Test
  void vectorsOfOneModelNeedNoEmbedder() {
    String space = "{provider: acme, model: m, dimension: 8}";
    MigrationConfig same =
        read(GOOD + "vectors: {source: " + space + ", target: " + space + "}\n", Map.of());
    assertThat(same.vectors()).isPresent();
    assertThat(same.vectorsMadeAnew()).isEmpty();
    assertThat(read(GOOD, Map.of()).vectors()).isEmpty();

    assertThatThrownBy(
            () ->
                read(
                    GOOD
                        + "vectors: {source: "
                        + space
                        + ", target: {model: m, dimension: 9, metric: l2},"
                        + " embedder: {url: ftp://x, batch: 0, price: cheap}}\n",
                    Map.of()))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining("embedder")
        .hasMessageContaining("acme/m:8")
        .hasMessageContaining("metric")
        .hasMessageContaining("ftp://x")
        .hasMessageContaining("batch")
        .hasMessageContaining("price");

    MigrationConfig anew =
        read(
            GOOD + "vectors: {source: " + space + "}\n",
            Map.of(
                "vectors.target.model", "n",
                "vectors.target.dimension", "9",
                "vectors.embedder.url", "http://localhost:1/v1",
                "vectors.embedder.key", "sesame"));
    assertThat(anew.vectorsMadeAnew().orElseThrow().target()).hasToString("n:9");
    assertThat(anew.toString()).doesNotContain("sesame");
  }
}
