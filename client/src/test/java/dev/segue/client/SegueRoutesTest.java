package dev.segue.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often the other end is asked, which speaks when it is told to. */
class SegueRoutesTest {
  private static final String ANYTHING = "event: routes\ndata: {\"version\":1}\n\n";

  private final AtomicInteger asked = new AtomicInteger();
  private final BlockingQueue<OutputStream> streams = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/events", this::listen);
    server.createContext("/v1/routes/s", this::tell);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void listen(HttpExchange exchange) throws IOException {
    assertThat(exchange.getRequestHeaders().getFirst("Accept")).isEqualTo("text/event-stream");
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    say(exchange.getResponseBody(), ANYTHING);
    streams.add(exchange.getResponseBody());
  }

  private void tell(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    byte[] body =
        "{\"slot\":7,\"owner\":\"target\",\"reads\":\"target\",\"moving\":false}".getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static void say(OutputStream stream, String words) throws IOException {
    stream.write(words.getBytes(UTF_8));
    stream.flush();
  }

  private SegueRoutes follow(Duration silence) {
    return SegueRoutes.follow(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort()), silence);
  }

  private static void route(SegueRoutes routes) {
    assertThat(routes.route("s").orElseThrow().owner()).isEqualTo(SegueRoutes.Side.TARGET);
  }

  /** Until a second question in a row is not passed on. */
  private void awaitRemembered(SegueRoutes routes) throws InterruptedException {
    int before;
    do {
      before = asked.get();
      Thread.sleep(20);
      route(routes);
    } while (asked.get() > before);
  }

  /** Until a question is passed on. */
  private void awaitAsked(SegueRoutes routes) throws InterruptedException {
    int before = asked.get();
    while (asked.get() == before) {
      Thread.sleep(20);
      route(routes);
    }
  }

  @Test
  void anEventHasOnlyWhatItNamesAskedAnew() throws Exception {
    try (SegueRoutes routes = follow(Duration.ofMinutes(1))) {
      OutputStream stream = streams.poll(10, TimeUnit.SECONDS);
      awaitRemembered(routes);

      say(stream, ":\n\nevent: routes\ndata: {\"version\":2,\"slots\":[6,8]}\n\n");
      Thread.sleep(200);
      int before = asked.get();
      route(routes);
      assertThat(asked.get()).isEqualTo(before);

      say(stream, "event: routes\ndata: {\"version\":3,\"slots\":[7]}\n\n");
      awaitAsked(routes);
      awaitRemembered(routes);
      say(stream, ANYTHING);
      awaitAsked(routes);
    }
  }

  @Test
  void whoFallsSilentIsGivenUpAndCalledAgain() throws Exception {
    try (SegueRoutes routes = follow(Duration.ofSeconds(1))) {
      assertThat(streams.poll(10, TimeUnit.SECONDS)).isNotNull();
      awaitRemembered(routes);

      // The connection is open, and nothing comes any more.
      awaitAsked(routes);

      assertThat(streams.poll(10, TimeUnit.SECONDS)).as("another connection").isNotNull();
      awaitRemembered(routes);
    }
  }

  @Test
  void theLastWayIsKnownWhileNobodyAnswers() throws Exception {
    try (SegueRoutes routes = follow(Duration.ofSeconds(1))) {
      awaitRemembered(routes);
      server.stop(0);
      Thread.sleep(1500);
      route(routes);
    }
  }
}
