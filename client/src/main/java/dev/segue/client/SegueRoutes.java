package dev.segue.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Where sessions are to be written and read, remembered until something is moved. May be used by
 * many threads.
 *
 * <p>A route is a hint: the databases themselves refuse a writer who is wrong. With SQLSTATE
 * {@value #MOVED} the session belongs to the other side; with {@value #MOVING} it is changing
 * hands, and the same write succeeds in a moment, here or there. In both cases: {@link #forget},
 * ask again, try again.
 */
public final class SegueRoutes implements AutoCloseable {
  /** A write was refused because the session belongs to the other side. */
  public static final String MOVED = "SG001";

  /** A write was refused because the session is changing hands right now. */
  public static final String MOVING = "SG002";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long RETRY_MILLIS = 500;

  private final URI base;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final Map<String, Route> remembered = new ConcurrentHashMap<>();
  private final Map<String, Route> last = new ConcurrentHashMap<>();
  private final Thread listener = new Thread(this::listen, "segue-routes-client");
  private volatile boolean listening;
  private volatile boolean closed;

  private SegueRoutes(URI base) {
    this.base = base;
    listener.setDaemon(true);
  }

  /** One of the two systems. */
  public enum Side {
    SOURCE,
    TARGET
  }

  /**
   * Where a session is.
   *
   * @param owner the side that accepts its writes
   * @param reads the side to read it from
   * @param moving whether it is changing hands
   */
  public record Route(String sessionId, Side owner, Side reads, boolean moving) {}

  /**
   * Follows a running migration.
   *
   * @param base where it answers, such as {@code http://127.0.0.1:7070}
   */
  public static SegueRoutes follow(URI base) {
    SegueRoutes routes = new SegueRoutes(base);
    routes.listener.start();
    return routes;
  }

  /**
   * The way to a session. While the migration does not answer, the last one known.
   *
   * @return empty if none is known; then ask a database: {@code SELECT segue.owner_of(…)}
   */
  public Optional<Route> route(String sessionId) {
    Route known = remembered.get(sessionId);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      Route fresh = ask(sessionId);
      last.put(sessionId, fresh);
      if (listening && !fresh.moving()) {
        remembered.put(sessionId, fresh);
      }
      return Optional.of(fresh);
    } catch (IOException e) {
      return Optional.ofNullable(last.get(sessionId));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.ofNullable(last.get(sessionId));
    }
  }

  /** Asks anew next time, because a database has refused a write. */
  public void forget(String sessionId) {
    remembered.remove(sessionId);
  }

  private Route ask(String sessionId) throws IOException, InterruptedException {
    String path = "/v1/routes/" + URLEncoder.encode(sessionId, StandardCharsets.UTF_8);
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(base.resolve(path.replace("+", "%20")))
                .timeout(PATIENCE)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("the migration answered " + response.statusCode());
    }
    JsonNode route = JSON.readTree(response.body());
    return new Route(
        sessionId,
        side(route.path("owner")),
        side(route.path("reads")),
        route.path("moving").booleanValue());
  }

  private static Side side(JsonNode text) {
    return text.asText().equals("target") ? Side.TARGET : Side.SOURCE;
  }

  /** Forgets everything whenever something was moved, and whenever it cannot be known. */
  private void listen() {
    while (!closed) {
      try {
        HttpResponse<Stream<String>> events =
            http.send(
                HttpRequest.newBuilder(base.resolve("/v1/events")).build(),
                HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = events.body()) {
          lines.forEach(this::hear);
        }
      } catch (IOException | java.io.UncheckedIOException e) {
        // The migration was stopped or restarted; it is asked again in a moment.
        listening = false;
      } catch (InterruptedException e) {
        return;
      }
      listening = false;
      remembered.clear();
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void hear(String line) {
    if (line.startsWith("data:")) {
      remembered.clear();
      listening = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    listener.interrupt();
  }
}
