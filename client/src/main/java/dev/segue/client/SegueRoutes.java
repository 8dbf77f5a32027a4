package dev.segue.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

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

  /** A migration says something every five seconds, if only that it is there. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private static final int MOST_REMEMBERED = 100_000;
  private static final String DATA = "data:";

  private final URI base;
  private final Duration silence;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final RouteCache cache = new RouteCache(MOST_REMEMBERED);
  private final Thread listener = new Thread(this::listen, "segue-routes-client");
  private volatile InputStream events = InputStream.nullInputStream();
  private volatile long heard = System.nanoTime();
  private volatile boolean closed;

  private SegueRoutes(URI base, Duration silence) {
    this.base = base;
    this.silence = silence;
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
   * Follows a running migration.
   *
   * @param base where it answers, such as {@code http://127.0.0.1:7070}
   */
  public static SegueRoutes follow(URI base) {
    return follow(base, SILENCE);
  }

  /**
   * Follows a running migration.
   *
   * @param silence after which time without a word the connection is taken for dead
   */
  static SegueRoutes follow(URI base, Duration silence) {
    SegueRoutes routes = new SegueRoutes(base, silence);
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
    if (System.nanoTime() - heard > silence.toNanos()) {
      hangUp();
    }
    Optional<Route> known = cache.holding(sessionId);
    if (known.isPresent()) {
      return known;
    }
    try {
      RouteCache.Answer answer = ask(sessionId);
      cache.keep(answer);
      return answer.usable();
    } catch (IOException e) {
      return cache.last(sessionId);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return cache.last(sessionId);
    }
  }

  /** Asks anew next time, because a database has refused a write. */
  public void forget(String sessionId) {
    cache.outdate(sessionId);
  }

  private RouteCache.Answer ask(String sessionId) throws IOException, InterruptedException {
    // What an answer is good for is counted from the question, however long it was under way.
    long asked = System.nanoTime();
    long moment = cache.now();
    String path = "/v1/routes/" + URLEncoder.encode(sessionId, UTF_8);
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
    return new RouteCache.Answer(
        new Route(
            sessionId,
            side(route.path("owner")),
            side(route.path("reads")),
            route.path("moving").booleanValue(),
            validFor),
        route.path("slot").intValue(),
        moment,
        validFor
            .map(time -> OptionalLong.of(asked + time.toNanos()))
            .orElseGet(OptionalLong::empty));
  }

  private static Side side(JsonNode text) {
    return text.asText().equals("target") ? Side.TARGET : Side.SOURCE;
  }

  /** Hears what is moved; while it cannot be known, nothing that was told before holds. */
  private void listen() {
    while (!closed) {
      try {
        HttpResponse<InputStream> answer =
            http.send(
                HttpRequest.newBuilder(base.resolve("/v1/events"))
                    .header("Accept", "text/event-stream")
                    .timeout(PATIENCE)
                    .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        heard = System.nanoTime();
        events = answer.body();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(events, UTF_8))) {
          for (String line = lines.readLine(); line != null && !closed; line = lines.readLine()) {
            hear(line);
          }
        }
      } catch (IOException e) {
        // The migration was stopped or restarted; it is asked again in a moment.
        cache.deafen();
      } catch (InterruptedException e) {
        return;
      }
      cache.deafen();
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void hear(String line) throws IOException {
    heard = System.nanoTime();
    if (!line.startsWith(DATA)) {
      return;
    }
    JsonNode slots = JSON.readTree(line.substring(DATA.length())).path("slots");
    if (slots.isArray()) {
      Set<Integer> moved = new HashSet<>();
      slots.forEach(slot -> moved.add(slot.intValue()));
      cache.moved(moved);
    } else {
      cache.movedAll();
    }
  }

  /** Nothing was heard for too long: the other end may be gone without a word. */
  private void hangUp() {
    heard = System.nanoTime();
    drop();
  }

  private void drop() {
    cache.deafen();
    try {
      events.close();
    } catch (IOException e) {
      // It is being given up; the listener connects anew, or ends.
      return;
    }
  }

  @Override
  public void close() {
    closed = true;
    listener.interrupt();
    drop();
  }
}
