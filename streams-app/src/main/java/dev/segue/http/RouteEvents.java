package dev.segue.http;

import dev.segue.cutover.RouteBook;
import io.javalin.http.HttpStatus;
import io.javalin.http.sse.SseClient;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever listens what is moved, as server-sent events: {@code {"version": 7, "slots": [1,
 * 5]}}; without slots at the beginning, when anything may have been moved before. In between a
 * comment every five seconds says that the connection lives; it also finds out who has gone away.
 */
final class RouteEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteEvents.class);

  private static final int MOST_STREAMS = 100;
  private static final int COMMENT_SECONDS = 5;

  private final RouteBook routes;
  private final Set<SseClient> clients = ConcurrentHashMap.newKeySet();

  /** Whoever moves sessions must not wait for somebody who does not read. */
  private final ScheduledExecutorService teller =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "segue-route-events");
            thread.setDaemon(true);
            return thread;
          },
          // What is moved after the end is told to nobody.
          new ThreadPoolExecutor.DiscardPolicy());

  private final ScheduledFuture<?> comments;

  RouteEvents(RouteBook routes) {
    this.routes = routes;
    this.comments =
        teller.scheduleWithFixedDelay(
            () -> tellAll(client -> client.sendComment("")),
            COMMENT_SECONDS,
            COMMENT_SECONDS,
            TimeUnit.SECONDS);
    routes.watch(this::moved);
  }

  private void moved(long version, Set<Integer> slots) {
    String list = slots.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
    String data = "{\"version\":" + version + ",\"slots\":[" + list + "]}";
    teller.execute(() -> tellAll(client -> client.sendEvent("routes", data)));
  }

  private void tellAll(Consumer<SseClient> words) {
    clients.forEach(client -> tell(client, words));
  }

  private void tell(SseClient client, Consumer<SseClient> words) {
    try {
      words.accept(client);
    } catch (RuntimeException e) {
      // Whoever cannot be told connects again, and asks for everything.
      LOG.atDebug().setCause(e).log("somebody who listened is gone");
      clients.remove(client);
      client.close();
    }
  }

  /** Somebody listens from now on. */
  void add(SseClient client) {
    if (clients.size() >= MOST_STREAMS) {
      client.ctx().status(HttpStatus.TOO_MANY_REQUESTS);
      client.close();
      return;
    }
    client.keepAlive();
    client.onClose(() -> clients.remove(client));
    clients.add(client);
    teller.execute(
        () ->
            tell(
                client,
                c -> c.sendEvent("routes", "{\"version\":" + routes.page().version() + "}")));
  }

  @Override
  public void close() {
    comments.cancel(false);
    teller.shutdownNow();
    clients.forEach(SseClient::close);
  }
}
