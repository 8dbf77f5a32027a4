package dev.segue.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** {@code segue run} in a process of its own, which can be killed. */
public final class Pipeline {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Path dataDirectory;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private Pipeline(Process process, Path dataDirectory) {
    this.process = process;
    this.dataDirectory = dataDirectory;
  }

  /** Starts a process. */
  public interface Starter {
    Process start(ProcessBuilder builder) throws IOException;
  }

  /**
   * Starts the process.
   *
   * @param log takes what it prints
   * @param environment additional variables
   * @param options of {@code run}
   */
  public static Pipeline start(
      Path config, Path dataDirectory, File log, Map<String, String> environment, String... options)
      throws IOException {
    return start(ProcessBuilder::start, config, dataDirectory, log, environment, options);
  }

  /** Likewise, in a way of the caller's own. */
  public static Pipeline start(
      Starter starter,
      Path config,
      Path dataDirectory,
      File log,
      Map<String, String> environment,
      String... options)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("run", "-f", config.toString()));
    command.addAll(List.of(options));
    ProcessBuilder builder =
        SegueCommand.process(command.toArray(String[]::new)).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    builder.environment().putAll(environment);
    return new Pipeline(starter.start(builder), dataDirectory);
  }

  public Process process() {
    return process;
  }

  /** What it answers; empty while it does not. */
  public Optional<JsonNode> status() {
    try {
      Path file = dataDirectory.resolve("run.json");
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      JsonNode run = JSON.readTree(Files.readString(file));
      if (run.path("pid").longValue() != process.pid()) {
        return Optional.empty();
      }
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + run.path("port").intValue() + "/v1/status"))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200
          ? Optional.of(JSON.readTree(response.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** As kill -9 does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /**
   * As kill does.
   *
   * @return its exit code, or -1 if it did not end in time
   */
  public int stop(Duration most) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(most.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return -1;
    }
    return process.exitValue();
  }
}
