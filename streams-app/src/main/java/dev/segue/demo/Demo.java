package dev.segue.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.client.SegueRoutes;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The demo: two servers, clients that write, a pipeline that is killed, and a verdict. */
public final class Demo implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CLIENTS = 4;
  private static final String NAME = "demo";

  private final DemoOptions options;
  private final Consumer<String> story;
  private final EmbeddedServers servers;
  private final long began = System.nanoTime();
  private final Path config;
  private final Path dataDirectory;
  private final File log;
  private final int port;
  private Pipeline pipeline;
  private Workload workload;
  private Talkers talkers;
  private int kills;

  private Demo(DemoOptions options, Consumer<String> story, EmbeddedServers servers) {
    this.options = options;
    this.story = story;
    this.servers = servers;
    this.config = servers.directory().resolve("migration.yaml");
    this.dataDirectory = servers.directory().resolve("data");
    this.log = servers.directory().resolve("segue.log").toFile();
    this.port = freePort();
  }

  /** The same for all processes of the migration, so that clients find the next one. */
  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs the demo.
   *
   * @param story is told what happens while it happens
   */
  public static DemoResult run(DemoOptions options, Consumer<String> story) throws Exception {
    story.accept("Starting two PostgreSQL servers ...");
    try (EmbeddedServers servers = EmbeddedServers.start();
        Demo demo = new Demo(options, story, servers)) {
      Thread hook = new Thread(demo::close, "demo-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        return demo.run();
      } finally {
        removeHook(hook);
      }
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook does its work.
      Thread.currentThread().interrupt();
    }
  }

  private void tell(String format, Object... values) {
    double seconds = (System.nanoTime() - began) / 1e9;
    story.accept(
        String.format(Locale.ROOT, "%6.1f s  ", seconds)
            + String.format(Locale.ROOT, format, values));
  }

  private DemoResult run() throws Exception {
    fill();
    writeConfig();
    try (SegueRoutes routes = SegueRoutes.follow(URI.create("http://127.0.0.1:" + port))) {
      return run(routes);
    }
  }

  private DemoResult run(SegueRoutes routes) throws Exception {
    startClients(routes);
    startPipeline("segue run starts");
    long copying = System.nanoTime();
    killDuringSnapshot();
    JsonNode copied = await("history", s -> s.path("phase").asText().equals("streaming"), 120);
    double seconds = (System.nanoTime() - copying) / 1e9;
    long sessions = rows(copied, "public.sessions");
    long messages = rows(copied, "public.messages");
    tell(
        "History is copied: %,d sessions and %,d messages, in %.1f s with a kill in the middle.",
        sessions, messages, seconds);
    await("the stream to catch up", Demo::isCaughtUp, 120);
    tell("Caught up with the clients: %s.", lag());
    killDuringStream();
    await("the stream to catch up again", Demo::isCaughtUp, 120);
    tell("Caught up again, %s. Clients never noticed.", lag());
    DemoResult.Parity parity = verify();
    followUntilClientsStop();
    workload.await();
    tell(
        "Batch clients stop after %,d transactions (%,d rows); people go on talking.",
        workload.transactions(), workload.rows());
    JsonNode last = pipeline.status().orElseThrow();
    Handover handover = new Handover(config, log, servers, talkers, this::tell);
    handover.cutover(this::kill);
    DemoResult.Rollback rollback = handover.rollback();
    handover.forGood();
    talkers.finish();
    DemoResult.Cutover cutover = handover.result();
    Settlement settlement = new Settlement(config, log, servers, this::tell);
    settlement.drain(NAME);
    Settlement.Verdicts verdicts = settlement.judge(talkers);
    JsonNode end = pipeline.status().orElse(last);
    int exit = pipeline.stop(Duration.ofSeconds(60));
    String result =
        verdicts
            .objection()
            .or(() -> Settlement.objection(parity, end, exit))
            .or(() -> Settlement.objection(cutover, rollback))
            .orElse("ok");
    if (result.equals("ok")) {
      tell("Segue was stopped with SIGTERM and ended with exit code 0.");
      result = settlement.complete().orElse("ok");
    }
    tell(result.equals("ok") ? "Everything is deleted." : "Not good: " + result + ".");
    if (!result.equals("ok")) {
      logTail().forEach(story);
    }
    JsonNode latency = last.path("latency_ms");
    return new DemoResult(
        result,
        options.seed(),
        new DemoResult.Snapshot(
            sessions,
            messages,
            Math.round(seconds * 10) / 10.0,
            Math.round((sessions + messages) / seconds)),
        new DemoResult.Stream(
            workload.transactions(),
            workload.rows(),
            new DemoResult.Lag(latency.path("p50").longValue(), latency.path("p99").longValue())),
        parity,
        cutover,
        rollback,
        kills,
        verdicts.brought(),
        verdicts.said());
  }

  private void startClients(SegueRoutes routes) {
    long total = (long) options.rate() * options.seconds();
    int batch = Math.max(1, options.sessions() * 4 / 5);
    workload =
        Workload.start(servers::source, batch, CLIENTS, options.rate(), total, options.seed());
    List<UUID> talking =
        Talkers.history(options.seed(), options.sessions()).subList(batch, options.sessions());
    talkers =
        Talkers.start(
            servers::source,
            servers::target,
            routes,
            talking,
            CLIENTS,
            Math.max(4, options.rate() / 5),
            options.seed());
    tell(
        "%d batch clients write %d transactions a second: new messages, edits, deletes, bulk rows,"
            + " large documents, moves between sessions. %d more talk in %,d sessions of their own"
            + " and follow them wherever they go.",
        CLIENTS, options.rate(), CLIENTS, talking.size());
  }

  private DemoResult.Parity verify() throws IOException, InterruptedException {
    tell("segue verify compares both sides while the clients go on writing ...");
    SegueCommand.Ended ended = SegueCommand.run(log, "verify", "--json", "-f", config.toString());
    JsonNode report = JSON.readTree(ended.out());
    JsonNode sessions = report.path("sessions");
    DemoResult.Parity parity =
        new DemoResult.Parity(
            sessions.path("total").longValue(),
            sessions.path("pass").longValue(),
            sessions.path("fail").longValue(),
            sessions.path("pending").longValue());
    tell(
        "Parity: %,d of %,d sessions pass; %,d were being written to and were looked at again.",
        parity.pass(), parity.sessions(), report.path("rechecked").longValue());
    return parity;
  }

  private void fill() throws SQLException {
    try (Connection source = servers.source();
        Connection target = servers.target()) {
      Store.createSource(source);
      Store.createTarget(target);
      Store.writeHistory(source, options.sessions(), options.seed());
    }
    tell(
        "Source: layout callsphere with %,d sessions, %,d messages. Target: layout aria-engine,"
            + " empty.",
        options.sessions(), (long) options.sessions() * Store.MESSAGES);
  }

  private void writeConfig() throws IOException {
    Files.writeString(
        config,
        """
        name: %s
        source: {layout: callsphere, url: "%s"}
        target: {layout: aria-engine, url: "%s"}
        kafka: {partitions: 8}
        data-dir: %s
        snapshot: {chunk: 1MB}
        http: {listen: "127.0.0.1:%d"}
        """
            .formatted(NAME, servers.sourceUrl(), servers.targetUrl(), dataDirectory, port));
  }

  private void startPipeline(String what) throws IOException {
    pipeline = Pipeline.start(config, dataDirectory, log, Map.of());
    tell("%s (process %d).", what, pipeline.process().pid());
  }

  private void killDuringSnapshot() throws Exception {
    JsonNode status =
        await(
            "the snapshot to begin",
            s -> !s.path("phase").asText().equals("starting") && anyRows(s),
            120);
    tell(
        "Snapshot at %,d of %,d messages: kill -9.",
        rows(status, "public.messages"), (long) options.sessions() * Store.MESSAGES);
    kill("segue run starts again and copies what is missing");
  }

  private static boolean anyRows(JsonNode status) {
    for (JsonNode table : status.path("tables")) {
      if (table.path("rows").longValue() > 0) {
        return true;
      }
    }
    return false;
  }

  private void killDuringStream() throws Exception {
    long enough = (long) (options.rate() * options.seconds() * 0.35);
    while (workload.transactions() < enough && !workload.isDone()) {
      Thread.sleep(100);
    }
    tell("A third of the traffic is written: kill -9 in full flight.");
    kill("segue run starts again and goes on where it was");
  }

  private void kill(String next) throws Exception {
    pipeline.kill();
    kills++;
    startPipeline(next);
  }

  private void followUntilClientsStop() throws InterruptedException {
    for (int i = 1; !workload.isDone(); i++) {
      Thread.sleep(200);
      if (i % 25 == 0) {
        tell("%,d transactions written, %s", workload.transactions(), lag());
      }
    }
  }

  private String lag() {
    Optional<JsonNode> status = pipeline.status();
    return status
        .map(
            s ->
                String.format(
                    Locale.ROOT,
                    "lag %d ms, %,d changes applied a second",
                    s.path("lag").path("ms").longValue(),
                    s.path("rates").path("applied_per_second").longValue()))
        .orElse("no answer yet");
  }

  private static boolean isCaughtUp(JsonNode status) {
    long ms = status.path("lag").path("ms").asLong(-1);
    return status.path("phase").asText().equals("streaming") && ms >= 0 && ms < 2000;
  }

  private static long rows(JsonNode status, String table) {
    for (JsonNode each : status.path("tables")) {
      if (each.path("name").asText().equals(table)) {
        return each.path("rows").longValue();
      }
    }
    return 0;
  }

  private JsonNode await(String what, Predicate<JsonNode> condition, int seconds) throws Exception {
    long until = System.nanoTime() + seconds * 1_000_000_000L;
    while (System.nanoTime() < until) {
      Optional<JsonNode> status = pipeline.status();
      if (status.isPresent() && condition.test(status.get())) {
        return status.get();
      }
      if (!pipeline.process().isAlive()) {
        throw failed("segue run ended by itself while waiting for " + what);
      }
      Thread.sleep(20);
    }
    throw failed("waited " + seconds + " s for " + what);
  }

  private IllegalStateException failed(String what) throws IOException {
    return new IllegalStateException(what + "\n" + String.join("\n", logTail()));
  }

  private List<String> logTail() throws IOException {
    List<String> lines = Files.readAllLines(log.toPath());
    return lines.subList(Math.max(0, lines.size() - 40), lines.size());
  }

  @Override
  public void close() {
    if (workload != null) {
      workload.close();
    }
    if (talkers != null) {
      talkers.close();
    }
    if (pipeline != null) {
      pipeline.process().destroyForcibly();
      try {
        pipeline.process().waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
