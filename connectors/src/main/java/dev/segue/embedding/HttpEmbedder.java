package dev.segue.embedding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RateLimiter;
import dev.failsafe.RetryPolicy;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An embedder that answers as OpenAI's does: {@code POST …/embeddings} with {@code {model, input}},
 * answered by {@code {data: [{index, embedding}]}}.
 */
final class HttpEmbedder implements Embedder {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 5;
  private static final int TOO_MANY = 429;

  private final EmbedderSettings settings;
  private final EmbeddingSpace space;
  private final URI uri;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final Optional<RateLimiter<Object>> limiter;

  HttpEmbedder(EmbedderSettings settings, EmbeddingSpace space) {
    this.settings = settings;
    this.space = space;
    String base = settings.url().orElseThrow().toString();
    this.uri = URI.create(base + (base.endsWith("/") ? "" : "/") + "embeddings");
    this.limiter =
        settings.requestsPerMinute().isPresent()
            ? Optional.of(
                RateLimiter.smoothBuilder(
                        settings.requestsPerMinute().getAsInt(), Duration.ofMinutes(1))
                    .build())
            : Optional.empty();
  }

  /** Another attempt may succeed. */
  private static final class Passing extends IOException {
    private static final long serialVersionUID = 1;
    private final transient Optional<Duration> after;

    Passing(String message, Optional<Duration> after) {
      super(message);
      this.after = after;
    }
  }

  @Override
  public String describe() {
    return "embedder " + uri.getHost() + " " + space.model();
  }

  @Override
  public int batch() {
    return settings.batch();
  }

  @Override
  public List<float[]> embed(List<String> texts) throws InterruptedException {
    RetryPolicy<List<float[]>> retries =
        RetryPolicy.<List<float[]>>builder()
            .handle(IOException.class)
            .withMaxAttempts(ATTEMPTS)
            .withDelayFnOn(
                context ->
                    ((Passing) context.getLastException())
                        .after.orElse(Duration.ofSeconds(context.getAttemptCount())),
                Passing.class)
            .build();
    try {
      return Failsafe.with(retries).get(() -> attempt(texts));
    } catch (FailsafeException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw (InterruptedException) new InterruptedException().initCause(e);
      }
      throw SystemFault.passing(
          describe() + " cannot be reached: " + reason(e.getCause()), e.getCause());
    }
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private List<float[]> attempt(List<String> texts) throws IOException, InterruptedException {
    if (limiter.isPresent()) {
      limiter.get().acquirePermit();
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body(texts)));
    settings.key().ifPresent(key -> request.header("Authorization", "Bearer " + key.reveal()));
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    int status = response.statusCode();
    if (status == 200) {
      return vectors(response.body(), texts.size());
    }
    String message = describe() + " answered " + status + message(response.body());
    if (status == TOO_MANY || status >= 500) {
      throw new Passing(message, retryAfter(response));
    }
    if (status == 400 || status == 413 || status == 422) {
      throw new SystemFault(SystemFault.Nature.DATA, message, "", null);
    }
    throw SystemFault.permanent(
        message, "check vectors.embedder.url, vectors.embedder.key and vectors.target.model");
  }

  private String body(List<String> texts) throws JsonProcessingException {
    ObjectNode body = JSON.createObjectNode().put("model", space.model());
    body.put("encoding_format", "float");
    texts.forEach(body.putArray("input")::add);
    return JSON.writeValueAsString(body);
  }

  private static Optional<Duration> retryAfter(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("\\d{1,3}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }

  /** What the answer says of itself; it may not be JSON. */
  private static String message(String body) {
    try {
      String message = JSON.readTree(body).path("error").path("message").asText("");
      return message.isEmpty() ? "" : ": " + message;
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private List<float[]> vectors(String body, int expected) throws Passing {
    try {
      float[][] vectors = new float[expected][];
      for (JsonNode one : JSON.readTree(body).path("data")) {
        vectors[one.path("index").asInt(-1)] = vector(one.path("embedding"));
      }
      for (float[] vector : vectors) {
        if (vector == null) {
          throw new Passing(
              describe() + " answered with fewer vectors than texts", Optional.empty());
        }
      }
      return new ArrayList<>(List.of(vectors));
    } catch (JsonProcessingException | ArrayIndexOutOfBoundsException e) {
      throw SystemFault.permanent(
          describe() + " does not answer as OpenAI's API does", "check vectors.embedder.url");
    }
  }

  private float[] vector(JsonNode numbers) {
    if (numbers.size() != space.dimension()) {
      throw SystemFault.permanent(
          describe()
              + " made a vector of "
              + numbers.size()
              + " numbers; vectors.target.dimension is "
              + space.dimension(),
          "correct vectors.target.model or vectors.target.dimension");
    }
    float[] vector = new float[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) numbers.get(i).asDouble();
    }
    return vector;
  }

  @Override
  public void close() {
    // The client holds nothing that outlives it.
  }
}
