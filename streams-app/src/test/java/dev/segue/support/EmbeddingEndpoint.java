package dev.segue.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Speaks OpenAI's protocol for embeddings. Its model is one that anybody can compute: the text's
 * runs of three characters, hashed into as many places as the vector has, at length one. So texts
 * that share words are near each other.
 */
public final class EmbeddingEndpoint implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A text that no model takes. */
  public static final String TOO_LONG = "too long for the model";

  private final HttpServer server;
  private final int dimension;
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final AtomicReference<Integer> failing = new AtomicReference<>();
  private volatile long delayMillis;

  public EmbeddingEndpoint(int dimension) throws IOException {
    this.dimension = dimension;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/embeddings", this::answer);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** Answers the next request with that status. */
  public void failOnce(int status) {
    failing.set(status);
  }

  /** Takes so long over each request. */
  public void delay(long millis) {
    delayMillis = millis;
  }

  /** How often each text was asked for. */
  public Map<String, AtomicInteger> asked() {
    return asked;
  }

  /** How many texts were asked for, each as often as it was. */
  public int texts() {
    return asked.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** What the model makes of a text. */
  public static float[] vector(String text, int dimension) {
    float[] vector = new float[dimension];
    String padded = "  " + text + "  ";
    for (int i = 0; i + 3 <= padded.length(); i++) {
      vector[Math.floorMod(padded.substring(i, i + 3).hashCode() * 31, dimension)]++;
    }
    double length = 0;
    for (float value : vector) {
      length += value * value;
    }
    for (int i = 0; i < dimension; i++) {
      vector[i] /= (float) Math.sqrt(length);
    }
    return vector;
  }

  /** As PostgreSQL writes an array. */
  public static String literal(float[] vector) {
    return Arrays.toString(vector).replace('[', '{').replace(']', '}').replace(" ", "");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      Integer failure = failing.getAndSet(null);
      if (failure != null) {
        exchange.getResponseHeaders().add("Retry-After", "1");
        send(exchange, failure, JSON.readTree("{\"error\": {\"message\": \"told to\"}}"));
        return;
      }
      try {
        Thread.sleep(delayMillis);
      } catch (InterruptedException e) {
        return;
      }
      ObjectNode answer = JSON.createObjectNode();
      ArrayNode data = answer.putArray("data");
      for (JsonNode text : request.path("input")) {
        if (text.textValue().equals(TOO_LONG)) {
          send(exchange, 400, JSON.readTree("{\"error\": {\"message\": \"maximum context\"}}"));
          return;
        }
        ArrayNode numbers = data.addObject().put("index", data.size() - 1).putArray("embedding");
        for (float value : vector(text.textValue(), dimension)) {
          numbers.add(value);
        }
      }
      request
          .path("input")
          .forEach(
              text ->
                  asked
                      .computeIfAbsent(text.textValue(), unused -> new AtomicInteger())
                      .incrementAndGet());
      send(exchange, 200, answer);
    }
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
