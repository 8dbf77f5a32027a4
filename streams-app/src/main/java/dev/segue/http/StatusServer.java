package dev.segue.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.config.MigrationConfig;
import dev.segue.spi.SystemFault;
import dev.segue.status.Status;
import io.javalin.Javalin;
import java.util.function.Supplier;

/** {@code GET /v1/status}: the status as one JSON document. */
public final class StatusServer implements AutoCloseable {
  private final Javalin server;

  private StatusServer(Javalin server) {
    this.server = server;
  }

  public static StatusServer start(
      MigrationConfig.Listen listen, ObjectMapper json, Supplier<Status> status) {
    Javalin server =
        Javalin.create(
            config -> {
              config.showJavalinBanner = false;
              config.startupWatcherEnabled = false;
            });
    server.get(
        "/v1/status",
        context ->
            context.contentType("application/json").result(json.writeValueAsString(status.get())));
    try {
      server.start(listen.host().replaceAll("[\\[\\]]", ""), listen.port());
    } catch (RuntimeException e) {
      throw new SystemFault(
          SystemFault.Nature.PERMANENT,
          "http.listen "
              + listen.host()
              + ":"
              + listen.port()
              + " cannot be used: "
              + e.getMessage(),
          "choose another port, or 0 for a free one: --set http.listen=127.0.0.1:0",
          e);
    }
    return new StatusServer(server);
  }

  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }
}
