package dev.segue.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.config.MigrationConfig;
import dev.segue.migration.RunFile;
import dev.segue.spi.SystemFault;
import dev.segue.status.StatusJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The process of this machine that runs a migration, asked over its HTTP API. With the JDK's plain
 * old client: the newer one prepares for TLS first, which takes longer than the whole answer.
 */
final class RunningProcess {
  private static final ObjectMapper JSON = StatusJson.mapper();

  private final String migration;
  private static final int CONNECT_MILLIS = 5000;
  private static final int ANSWER_MILLIS = 20_000;

  private final RunFile.Holder holder;

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
    return send(path, Optional.empty());
  }

  private Optional<String> send(String path, Optional<byte[]> body)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://" + holder.host() + ":" + holder.port() + path);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(ANSWER_MILLIS);
    connection.setRequestProperty("Authorization", "Bearer " + holder.token());
    try {
      if (body.isPresent()) {
        connection.setDoOutput(true);
        // Without this the JDK sends an order a second time if the answer to the first is lost.
        connection.setFixedLengthStreamingMode(body.get().length);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body.get());
        }
      }
      boolean refused = connection.getResponseCode() >= 400;
      String answer;
      try (InputStream in = refused ? connection.getErrorStream() : connection.getInputStream()) {
        answer = in == null ? "" : new String(in.readAllBytes(), UTF_8);
      }
      if (refused) {
        JsonNode error = JSON.readTree(answer);
        throw SystemFault.permanent(error.path("error").asText(), error.path("remedy").asText());
      }
      return Optional.of(answer);
    } catch (SocketTimeoutException e) {
      throw new JobFailedException(
          "process "
              + holder.pid()
              + " runs migration '"
              + migration
              + "' but does not answer; see its log");
    } catch (ConnectException e) {
      return Optional.empty();
    } finally {
      connection.disconnect();
    }
  }

  /** Has the process do something that is done at once. */
  String post(String path, Object order) throws IOException, InterruptedException {
    return send(path, Optional.of(JSON.writeValueAsBytes(order))).orElseThrow(this::ended);
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
