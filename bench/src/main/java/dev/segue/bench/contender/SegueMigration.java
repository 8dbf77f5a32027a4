package dev.segue.bench.contender;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.bench.server.Child;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One {@code migration.yaml} and the {@code segue run} that works on it. */
public final class SegueMigration implements Follower.Following {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MOST_LAG_MILLIS = 500;
  private static final long COLLECTING_SECONDS = 60;
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration LONG_PAUSE = Duration.ofMillis(500);

  private final Site site;
  private final Path home;
  private final String options;
  private final Path directory;
  private final Sides sides;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private Child process;

  /**
   * What is moved where, and how.
   *
   * @param settings further lines of {@code migration.yaml}
   */
  record Sides(
      String name,
      String sourceLayout,
      String sourceUrl,
      String targetLayout,
      Database target,
      String settings) {
    String yaml() {
      return """
          name: %s
          source:
            layout: %s
            url: %s
          target:
            layout: %s
            url: %s
          """
              .formatted(name, sourceLayout, sourceUrl, targetLayout, target.url())
          + settings;
    }
  }

  private SegueMigration(Site site, Path home, String options, Path directory, Sides sides) {
    this.site = site;
    this.home = home;
    this.options = options;
    this.directory = directory;
    this.sides = sides;
  }

  static SegueMigration write(Site site, Path home, String options, Sides sides)
      throws IOException {
    Path directory = site.directory("segue");
    Files.writeString(
        directory.resolve("migration.yaml"),
        sides.yaml() + "data-dir: " + directory.resolve("data") + "\n");
    return new SegueMigration(site, home, options, directory, sides);
  }

  @Override
  public void start() throws IOException {
    process = command("run");
  }

  /** Starts a command on this migration. */
  public Child command(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("segue").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-f", directory.resolve("migration.yaml").toString()));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    if (!options.isEmpty()) {
      builder.environment().put("SEGUE_OPTS", options);
    }
    return site.start("segue-" + arguments[0], builder);
  }

  /**
   * Waits until history is copied and the stream is followed. It asks the ledger in the target, for
   * a process that answers twenty times a second how it is doing has less time to do it.
   */
  public void awaitStreaming() throws Exception {
    try (Connection connection = sides.target().open()) {
      Patience.await(
          "Segue to copy history",
          PAUSE,
          () -> {
            check();
            return Database.ask(connection, "SELECT to_regclass('segue.migration')").isPresent()
                && Database.ask(connection, "SELECT phase FROM segue.migration")
                    .filter("streaming"::equals)
                    .isPresent();
          });
    }
  }

  /** Waits until the target is less than half a second behind. */
  public void awaitAbreast() throws Exception {
    Patience.await(
        "Segue to catch up",
        LONG_PAUSE,
        () -> {
          check();
          long lag = status().map(s -> s.path("lag").path("ms").longValue()).orElse(-1L);
          return lag >= 0 && lag < MOST_LAG_MILLIS;
        });
  }

  /** Where its process answers; empty while it does not. */
  public Optional<URI> address() throws IOException {
    Path file = directory.resolve("data").resolve("run.json");
    if (process == null || !Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode run = JSON.readTree(Files.readString(file));
    return run.path("pid").longValue() == process.pid()
        ? Optional.of(URI.create("http://127.0.0.1:" + run.path("port").intValue()))
        : Optional.empty();
  }

  /** What its process says of itself; empty while it does not answer. */
  private Optional<JsonNode> status() throws InterruptedException {
    try {
      Optional<URI> address = address();
      if (address.isEmpty()) {
        return Optional.empty();
      }
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(address.get().resolve("/v1/status"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200
          ? Optional.of(JSON.readTree(response.body()))
          : Optional.empty();
    } catch (IOException e) {
      // Not there yet, or half written.
      return Optional.empty();
    }
  }

  @Override
  public void check() {
    if (!process.isAlive()) {
      throw new ContenderFailedException("segue run has ended:\n" + process.lastWords());
    }
  }

  @Override
  public long peakResidentBytes() {
    return process.peakResidentBytes();
  }

  /** Has its process collect all that it no longer needs, so that its log tells what it does. */
  public void collectGarbage() throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    site.start("jcmd", new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.run"))
        .awaitSuccess(COLLECTING_SECONDS);
  }

  /** Ends its process; the migration can go on. */
  public void stop() {
    process.close();
  }

  @Override
  public void close() throws SQLException {
    if (process != null) {
      process.close();
      site.forget("segue_" + sides.name().replace('-', '_') + "_");
    }
  }
}
