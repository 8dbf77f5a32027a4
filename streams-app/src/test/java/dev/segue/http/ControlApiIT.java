package dev.segue.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.client.SegueRoutes;
import dev.segue.demo.Pipeline;
import dev.segue.support.Migration;
import dev.segue.support.Servers;
import dev.segue.support.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the HTTP API lets others see and do, and what it does not. */
class ControlApiIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private URI base;
  private String token;

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(base.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body, String bearer) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body));
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode await(HttpResponse<String> accepted) throws Exception {
    assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
    String location = accepted.headers().firstValue("Location").orElseThrow();
    while (true) {
      JsonNode job = JSON.readTree(get(location).body());
      if (job.path("state").asText().matches("done|failed")) {
        return job;
      }
      Thread.sleep(50);
    }
  }

  @Test
  void apiShowsRoutesAndMovesOnlyWhoHasTheToken() throws Exception {
    try (Migration migration = Migration.ofStore("api", 10, 5)) {
      migration.config(
          "callsphere",
          "aria-engine",
          "kafka: {partitions: 2, bootstrap: \"" + Servers.kafka() + "\"}",
          "capture: {heartbeat: 300ms}",
          // Long, for a busy machine: how long it takes is measured elsewhere.
          "cutover: {max-pause: 10s}");
      Pipeline pipeline = migration.start(Map.of());
      migration.awaitStreaming(pipeline);
      migration.awaitLag(pipeline);
      var file = migration.directory().resolve("data/run.json");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      JsonNode run = JSON.readTree(Files.readString(file));
      base = URI.create("http://127.0.0.1:" + run.path("port").intValue());
      token = run.path("token").asText();
      String session = migration.askSource("SELECT min(id::text) FROM sessions");

      JsonNode document = JSON.readTree(get("/openapi.json").body());
      assertThat(document.path("paths").has("/v1/cutovers")).isTrue();
      document
          .path("paths")
          .fieldNames()
          .forEachRemaining(path -> assertThat(isServed(path)).as(path).isTrue());
      assertThat(post("/v1/cutovers", "{\"all\": true}", null).statusCode()).isEqualTo(401);
      assertThat(post("/v1/rollbacks", "{\"all\": true}", "guess").statusCode()).isEqualTo(401);
      assertThat(post("/v1/cutovers", "{\"everything\": true}", token).body())
          .contains("not as it must be");
      assertThat(post("/v1/cutovers", "{}", token).body()).contains("0 selectors were given");
      assertThat(post("/v1/cutovers", "{\"slice\": \"200%\"}", token).statusCode()).isEqualTo(409);
      assertThat(get("/v1/jobs/none").statusCode()).isEqualTo(404);
      assertThat(get("/v2").body()).contains("openapi.json");
      assertThat(post("/v1/cutovers", "[" + "1".repeat(9 << 20), token).statusCode())
          .isEqualTo(413);

      try (SegueRoutes routes = SegueRoutes.follow(base)) {
        assertThat(routes.route(session).orElseThrow().owner()).isEqualTo(SegueRoutes.Side.SOURCE);
        assertThat(
                await(post("/v1/rollbacks", "{\"all\": true}", token)).path("failure").toString())
            .contains("nothing has to be given back");
        JsonNode moved =
            await(
                post(
                    "/v1/cutovers",
                    "{\"sessions\": [\"" + session + "\"], \"requested_by\": \"ops\"}",
                    token));
        assertThat(moved.path("result").path("outcome").asText())
            .as(moved.toString())
            .isEqualTo("done");
        assertThat(migration.askTarget("SELECT requested_by FROM segue.move")).isEqualTo("ops");
        long until = System.nanoTime() + 10_000_000_000L;
        while (routes.route(session).orElseThrow().owner() != SegueRoutes.Side.TARGET) {
          assertThat(System.nanoTime()).as("the client heard of it").isLessThan(until);
          Thread.sleep(20);
        }
        JsonNode many =
            JSON.readTree(
                post("/v1/routes", "{\"sessions\": [\"" + session + "\", \"x\"]}", null).body());
        assertThat(many.path("routes").findValuesAsText("owner"))
            .containsExactly("target", "source");
        awaitRemembered(session);
        assertThat(
                await(post("/v1/verifications", "", token)).path("result").path("result").asText())
            .isEqualTo("pass");

        migration.run("cutover", "--reads", "--slice", "100%");
        migration.await(
            pipeline, "routes", s -> routesOf("x").path("reads").asText().equals("target"));
        assertThat(routesOf("x").path("owner").asText()).isEqualTo("source");
        pipeline.kill();
        assertThat(routes.route(session)).as("the last known way").isPresent();
      }
    }
  }

  /** A route that is remembered is told though nothing passes the wire. */
  private void awaitRemembered(String session) throws Exception {
    try (Wire wire = new Wire(base.getPort());
        SegueRoutes routes = SegueRoutes.follow(URI.create("http://127.0.0.1:" + wire.port()))) {
      boolean remembered = false;
      for (int attempt = 0; attempt < 10 && !remembered; attempt++) {
        // Until it listens, which it does not say.
        Thread.sleep(1000);
        assertThat(routes.route(session)).isPresent();
        wire.hold();
        long began = System.nanoTime();
        assertThat(routes.route(session).orElseThrow().owner()).isEqualTo(SegueRoutes.Side.TARGET);
        remembered = System.nanoTime() - began < 1_000_000_000L;
        wire.release();
      }
      assertThat(remembered).as("nobody was asked").isTrue();
    }
  }

  private JsonNode routesOf(String session) {
    try {
      return JSON.readTree(get("/v1/routes/" + session).body());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean isServed(String path) {
    try {
      if (path.equals("/v1/events")) {
        return true;
      }
      String real = path.replaceAll("\\{[^}]*}", "x");
      return !get(real).body().contains("nothing is there")
          || !post(real, "{}", null).body().contains("nothing is there");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
