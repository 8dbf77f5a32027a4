package dev.segue.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.config.MigrationConfig;
import dev.segue.migration.RunFile;
import dev.segue.spi.SystemFault;
import dev.segue.status.StatusJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** The process of this machine that runs a migration, asked over its HTTP API. */
final class RunningProcess {
  private static final ObjectMapper JSON = StatusJson.mapper();

  private final String migration;
  private final RunFile.Holder holder;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private RunningProcess(String migration, RunFile.Holder holder) {
    this.migration = migration;
    this.holder = holder;
  }

  /** The process, if there is one. */
  static Optional<RunningProcess> find(MigrationConfig config) {
    return RunFile.find(config.dataDir()).map(holder -> new RunningProcess(config.name(), holder));
  }

  /**
   * The process.
   *
   * @throws SystemFault if there is none
   */
  static RunningProcess require(MigrationConfig config) {
    return find(config)
        .orElseThrow(
            () ->
                SystemFault.permanent(
                    "migration '" + config.name() + "' is not running on this machine",
                    "start it with: segue run; on another machine, give this command there"));
  }

  /**
   * Asks for a document.
   *
   * @return empty if the process ended just now
   */
  Optional<String> get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://" + holder.host() + ":" + holder.port() + path))
        .header("Authorization", "Bearer " + holder.token())
        .timeout(Duration.ofSeconds(20));
  }

  private Optional<String> send(HttpRequest request) throws IOException, InterruptedException {
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() >= 400) {
        JsonNode error = JSON.readTree(response.body());
        throw SystemFault.permanent(error.path("error").asText(), error.path("remedy").asText());
      }
      return Optional.of(response.body());
    } catch (java.net.http.HttpTimeoutException e) {
      throw new JobFailedException(
          "process "
              + holder.pid()
              + " runs migration '"
              + migration
              + "' but does not answer; see its log");
    } catch (java.net.ConnectException e) {
      return Optional.empty();
    }
  }

  /** Has the process do something that is done at once. */
  String post(String path, Object order) throws IOException, InterruptedException {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(order)))
            .build();
    return send(request).orElseThrow(this::ended);
  }

  /**
   * Has the process do something, and waits for it.
   *
   * @param told hears how it goes
   * @return what came of it
   * @throws SystemFault if something was in the way, so that nothing was done
   * @throws JobFailedException if it failed
   */
  JsonNode perform(String path, Object order, Consumer<String> told)
      throws IOException, InterruptedException {
    String job = JSON.readTree(post(path, order)).path("job").asText();
    int lines = 0;
    while (true) {
      JsonNode state = JSON.readTree(get("/v1/jobs/" + job).orElseThrow(this::ended));
      JsonNode all = state.path("lines");
      for (; lines < all.size(); lines++) {
        told.accept(all.get(lines).asText());
      }
      JsonNode failure = state.path("failure");
      if (failure.isObject()) {
        String message = failure.path("message").asText();
        if (failure.path("refused").asBoolean()) {
          throw SystemFault.permanent(message, failure.path("remedy").asText());
        }
        throw new JobFailedException(message);
      }
      if (state.path("state").asText().equals("done")) {
        return state.path("result");
      }
      Thread.sleep(100);
    }
  }

  private JobFailedException ended() {
    return new JobFailedException(
        "process "
            + holder.pid()
            + " ended while it was asked; what it had in hand is brought to an end by the next:"
            + " segue run");
  }
}
