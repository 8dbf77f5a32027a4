package dev.segue.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.config.MigrationConfig;
import dev.segue.cutover.MendOrder;
import dev.segue.cutover.MoveOrder;
import dev.segue.cutover.RouteBook;
import dev.segue.ownership.Owner;
import dev.segue.spi.Secret;
import dev.segue.spi.SystemFault;
import dev.segue.status.StatusJson;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.Header;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The HTTP API of a running migration; {@code GET /openapi.json} describes it. */
public final class ControlServer implements AutoCloseable {
  /** A list of a hundred thousand sessions by name. */
  private static final long MOST_BYTES = 8L << 20;

  private static final int MOST_ROUTES = 10_000;

  private final ObjectMapper json = StatusJson.mapper();
  private final ObjectMapper strict =
      StatusJson.mapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  private final Controls controls;
  private final Secret token;
  private final RouteEvents events;
  private final Javalin server;

  private ControlServer(Controls controls, Secret token) {
    this.controls = controls;
    this.token = token;
    this.events = new RouteEvents(controls.routes());
    this.server =
        Javalin.create(
            config -> {
              config.showJavalinBanner = false;
              config.startupWatcherEnabled = false;
              config.http.maxRequestSize = MOST_BYTES;
            });
    routes();
    failures();
  }

  /**
   * Starts to answer.
   *
   * @throws SystemFault if it cannot listen there
   */
  public static ControlServer start(MigrationConfig.Listen listen, Controls controls) {
    ControlServer control =
        new ControlServer(controls, listen.token().orElseGet(ControlServer::random));
    try {
      control.server.start(listen.host().replaceAll("[\\[\\]]", ""), listen.port());
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
    return control;
  }

  private static Secret random() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return new Secret(HexFormat.of().formatHex(bytes));
  }

  public int port() {
    return server.port();
  }

  /** What a request that changes anything has to bring. */
  public Secret token() {
    return token;
  }

  private void routes() {
    server.get("/openapi.json", this::describe);
    server.get("/v1/status", context -> answer(context, controls.status().get()));
    server.get("/v1/routes", context -> answer(context, controls.routes().page()));
    server.get(
        "/v1/routes/{session}",
        context -> answer(context, controls.routes().page().route(context.pathParam("session"))));
    server.post("/v1/routes", this::manyRoutes);
    server.sse("/v1/events", events::add);
    server.get("/v1/jobs", context -> answer(context, controls.jobs().all()));
    server.get("/v1/jobs/{id}", this::job);
    server.post("/v1/cutovers", context -> move(context, Owner.TARGET));
    server.post("/v1/rollbacks", context -> move(context, Owner.SOURCE));
    server.post("/v1/repairs", context -> mend(context, "repair"));
    server.post("/v1/replays", context -> mend(context, "replay"));
    server.get("/v1/dead-letters", this::letters);
    server.post("/v1/discards", this::discard);
    server.post("/v1/verifications", this::verify);
  }

  private void failures() {
    server.exception(
        Refusal.class, (e, context) -> fail(context, e.status, e.getMessage(), e.remedy));
    server.exception(
        SystemFault.class,
        (e, context) -> fail(context, HttpStatus.CONFLICT, e.getMessage(), e.remedy()));
    server.error(404, context -> lost(context, "nothing is there: " + context.path()));
    server.error(413, context -> lost(context, "more than " + MOST_BYTES + " bytes"));
  }

  private void lost(Context context, String message) {
    if (context.result() == null || !context.result().startsWith("{")) {
      fail(context, context.status(), message, "GET /openapi.json says what there is");
    }
  }

  /** A request that is not granted. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient HttpStatus status;
    private final String remedy;

    Refusal(HttpStatus status, String message, String remedy) {
      super(message);
      this.status = status;
      this.remedy = remedy;
    }
  }

  private void answer(Context context, Object body) {
    try {
      context.contentType("application/json").result(json.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fail(Context context, HttpStatus status, String message, String remedy) {
    answer(context.status(status), Map.of("error", message, "remedy", remedy));
  }

  private void describe(Context context) {
    try (InputStream document = ControlServer.class.getResourceAsStream("/openapi.json")) {
      context.contentType("application/json").result(document.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void authorize(Context context) {
    String given = context.header(Header.AUTHORIZATION);
    byte[] expected = ("Bearer " + token.reveal()).getBytes(UTF_8);
    if (given == null || !MessageDigest.isEqual(given.getBytes(UTF_8), expected)) {
      throw new Refusal(
          HttpStatus.UNAUTHORIZED,
          "this changes something, so it needs the token",
          "send the header Authorization: Bearer …, with http.token of migration.yaml, or the"
              + " token in run.json of data-dir");
    }
  }

  private <T> T read(Context context, Class<T> type) {
    try {
      String body = context.body();
      return strict.readValue(body.isBlank() ? "{}" : body, type);
    } catch (JsonProcessingException e) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST,
          "the body is not as it must be: " + e.getOriginalMessage(),
          "GET /openapi.json says what is expected");
    }
  }

  /** Sessions that somebody asks for. */
  record Sessions(List<String> sessions) {}

  private void manyRoutes(Context context) {
    List<String> sessions = read(context, Sessions.class).sessions();
    if (sessions == null || sessions.size() > MOST_ROUTES) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST,
          "expected {\"sessions\": [\"…\", …]} with at most " + MOST_ROUTES + " of them",
          "ask in several requests");
    }
    RouteBook.Page page = controls.routes().page();
    answer(
        context,
        Map.of("version", page.version(), "routes", sessions.stream().map(page::route).toList()));
  }

  private void job(Context context) {
    answer(
        context,
        controls
            .jobs()
            .find(context.pathParam("id"))
            .orElseThrow(
                () ->
                    new Refusal(
                        HttpStatus.NOT_FOUND,
                        "no such job: " + context.pathParam("id"),
                        "GET /v1/jobs lists those that are remembered")));
  }

  private void move(Context context, Owner to) {
    authorize(context);
    MoveOrder order = read(context, MoveOrder.class);
    accept(context, controls.move().apply(order.request(to, asker(context, order.requestedBy()))));
  }

  private void mend(Context context, String kind) {
    authorize(context);
    MendOrder order = read(context, MendOrder.class);
    String by = asker(context, order.requestedBy());
    accept(context, controls.mend().submit(kind, order, by));
  }

  /** Which sessions are to be compared, and who says so. */
  record VerifyOrder(boolean changed, String requestedBy) {}

  private void verify(Context context) {
    authorize(context);
    VerifyOrder order =
        context.body().isBlank() ? new VerifyOrder(false, null) : read(context, VerifyOrder.class);
    String by = asker(context, order.requestedBy());
    accept(context, controls.verify().submit(order.changed(), by));
  }

  /** What the letters say is what people said, so it needs the token. */
  private void letters(Context context) {
    // A parameter, because rows that belong to no session are kept under an empty one.
    String session = context.queryParam("session");
    if (session == null) {
      answer(context, controls.letters().parked());
      return;
    }
    boolean values = "true".equals(context.queryParam("values"));
    if (values) {
      authorize(context);
    }
    answer(context, controls.letters().of(session, values));
  }

  /** Which session is left behind, why, and who says so. */
  record Discard(String session, String reason, String requestedBy) {}

  private void discard(Context context) {
    authorize(context);
    Discard order = read(context, Discard.class);
    String session = order.session();
    if (session == null || order.reason() == null || order.reason().isBlank()) {
      throw new Refusal(
          HttpStatus.BAD_REQUEST,
          "a session or a reason is missing",
          "{\"session\": \"…\", \"reason\": \"…\"}");
    }
    String by = asker(context, order.requestedBy());
    if (!controls.letters().discard(session, order.reason(), by)) {
      throw new Refusal(
          HttpStatus.NOT_FOUND,
          (session.isEmpty() ? "what belongs to no session" : "session " + session)
              + " is not parked",
          "GET /v1/dead-letters lists those that are");
    }
    answer(context, Map.of("discarded", session));
  }

  private static String asker(Context context, String name) {
    return name == null || name.isBlank() ? "HTTP from " + context.ip() : name;
  }

  private void accept(Context context, String job) {
    context.status(HttpStatus.ACCEPTED).header("Location", "/v1/jobs/" + job);
    answer(context, Map.of("job", job));
  }

  @Override
  public void close() {
    events.close();
    server.stop();
  }
}
