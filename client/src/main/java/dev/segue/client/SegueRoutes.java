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
import java.util.OptionalLong;
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
 *
 * <p>Where one of the systems cannot refuse anybody, such as a Redis, a route is more than a hint:
 * ask before every write, do not write while the session is {@link Route#moving}, and have the
 * write end soon, as {@link Route#validFor} says.
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
  private final Map<String, Known> remembered = new ConcurrentHashMap<>();
  private final Map<String, Known> last = new ConcurrentHashMap<>();
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
   * @param validFor within which time from now a write has to be begun, and as long it may take;
   *     empty where the systems themselves refuse a writer who is wrong
   */
  public record Route(
      String sessionId, Side owner, Side reads, boolean moving, Optional<Duration> validFor) {}

  /**
   * What is remembered.
   *
   * @param until {@link System#nanoTime} until which it may be used; empty if there is no end
   */
  private record Known(Route route, OptionalLong until) {
    /** The route as it may be used now; empty if it may not be any more. */
    Optional<Route> now() {
      if (until.isEmpty()) {
        return Optional.of(route);
      }
      long left = until.getAsLong() - System.nanoTime();
      return left <= 0
          ? Optional.empty()
          : Optional.of(
              new Route(
                  route.sessionId(),
                  route.owner(),
                  route.reads(),
                  route.moving(),
                  Optional.of(Duration.ofNanos(left))));
    }
  }

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
   * The way to a session. While the migration does not answer, the last one known, if it may still
   * be used.
   *
   * @return empty if none is known; then ask a database: {@code SELECT segue.owner_of(…)}, or do
   *     not write if there is a system that refuses nobody
   */
  public Optional<Route> route(String sessionId) {
    Optional<Route> known = usable(remembered, sessionId);
    if (known.isPresent()) {
      return known;
    }
    try {
      Known fresh = ask(sessionId);
      last.put(sessionId, fresh);
      if (listening && !fresh.route().moving()) {
        remembered.put(sessionId, fresh);
      }
      return fresh.now();
    } catch (IOException e) {
      return usable(last, sessionId);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return usable(last, sessionId);
    }
  }

  private static Optional<Route> usable(Map<String, Known> known, String sessionId) {
    return Optional.ofNullable(known.get(sessionId)).flatMap(Known::now);
  }

  /** Asks anew next time, because a database has refused a write. */
  public void forget(String sessionId) {
    remembered.remove(sessionId);
  }

  private Known ask(String sessionId) throws IOException, InterruptedException {
    // What an answer is good for is counted from the question, however long it was under way.
    long asked = System.nanoTime();
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
    JsonNode validMs = route.path("valid_ms");
    Optional<Duration> validFor =
        validMs.isNumber() ? Optional.of(Duration.ofMillis(validMs.longValue())) : Optional.empty();
    return new Known(
        new Route(
            sessionId,
            side(route.path("owner")),
            side(route.path("reads")),
            route.path("moving").booleanValue(),
            validFor),
        validFor
            .map(time -> OptionalLong.of(asked + time.toNanos()))
            .orElseGet(OptionalLong::empty));
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
