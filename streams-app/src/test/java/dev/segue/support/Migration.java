package dev.segue.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.cli.Segue;
import dev.segue.demo.EmbeddedServers;
import dev.segue.demo.Pipeline;
import dev.segue.demo.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine;

/** A migration between two fresh databases of the shared servers, used by its commands. */
public final class Migration implements AutoCloseable {
  private final String name;
  private final Path directory;
  private final List<Pipeline> pipelines = new ArrayList<>();

  /** Makes two databases of this name and an empty directory. */
  public Migration(String name) throws Exception {
    this.name = name;
    this.directory = Files.createTempDirectory("segue-" + name + "-");
    Servers.source().createDatabase(database());
    Servers.target().createDatabase(database());
  }

  /** One whose source is the demo's store with some history, and whose target is empty. */
  public static Migration ofStore(String name, int sessions, long seed) throws Exception {
    Migration migration = new Migration(name);
    try (Connection source = migration.source();
        Connection target = migration.target()) {
      Store.createSource(source);
      Store.createTarget(target);
      Store.writeHistory(source, sessions, seed);
    }
    return migration;
  }

  public String name() {
    return name;
  }

  public String database() {
    return "db_" + name.replace('-', '_');
  }

  public Path directory() {
    return directory;
  }

  public Connection source() throws Exception {
    return Servers.source().connect(database());
  }

  public Connection target() throws Exception {
    return Servers.target().connect(database());
  }

  public void onSource(String sql) throws Exception {
    Servers.source().execute(database(), sql);
  }

  public void onTarget(String sql) throws Exception {
    Servers.target().execute(database(), sql);
  }

  public String askSource(String sql) throws Exception {
    return Servers.source().ask(database(), sql);
  }

  public String askTarget(String sql) throws Exception {
    return Servers.target().ask(database(), sql);
  }

  /** Writes {@code migration.yaml}; further lines may be added. */
  public Migration config(String sourceLayout, String targetLayout, String... lines)
      throws IOException {
    Files.writeString(
        file(),
        """
        name: %s
        source: {layout: "%s", url: "%s"}
        target: {layout: "%s", url: "%s"}
        data-dir: %s
        """
                .formatted(
                    name,
                    sourceLayout,
                    Servers.source().url(database()),
                    targetLayout,
                    Servers.target().url(database()),
                    directory.resolve("data"))
            + String.join("\n", lines)
            + "\n");
    return this;
  }

  /** Likewise, from a Redis into Segue's own tables. */
  public Migration configRedis(RedisServer redis, String sourceLayout, String... lines)
      throws IOException {
    return configRedisInto("segue-postgres", redis, sourceLayout, lines);
  }

  /** Likewise, into tables of that layout. */
  public Migration configRedisInto(
      String targetLayout, RedisServer redis, String sourceLayout, String... lines)
      throws IOException {
    config(sourceLayout, targetLayout, lines);
    Files.writeString(
        file(), Files.readString(file()).replace(Servers.source().url(database()), redis.url()));
    return this;
  }

  /** Likewise, from the source's tables into the keys of a Redis. */
  public Migration configIntoRedis(
      String sourceLayout, RedisServer redis, String targetLayout, String... lines)
      throws IOException {
    config(sourceLayout, targetLayout, lines);
    Files.writeString(
        file(), Files.readString(file()).replace(Servers.target().url(database()), redis.url()));
    return this;
  }

  /** Likewise, from a directory of files. */
  public Migration configFiles(Path files, String sourceLayout, String... lines)
      throws IOException {
    config(sourceLayout, "segue-postgres", lines);
    Files.writeString(
        file(),
        Files.readString(file())
            .replace(Servers.source().url(database()), files.toUri().toString()));
    return this;
  }

  /** Likewise, from a database's tables into a directory of files. */
  public Migration configIntoFiles(
      String sourceLayout, String sourceUrl, Path files, String targetLayout, String... lines)
      throws IOException {
    config(sourceLayout, targetLayout, lines);
    Files.writeString(
        file(),
        Files.readString(file())
            .replace(Servers.source().url(database()), sourceUrl)
            .replace(Servers.target().url(database()), files.toUri().toString()));
    return this;
  }

  /** Has the servers be reached over wires that can be cut. */
  public void via(Wire source, Wire target) throws IOException {
    Files.writeString(
        file(),
        Files.readString(file())
            .replace(Servers.source().url(database()), over(source, Servers.source()))
            .replace(Servers.target().url(database()), over(target, Servers.target())));
  }

  private String over(Wire wire, PostgresServer server) {
    return server.url(database()).replace(":" + server.port() + "/", ":" + wire.port() + "/");
  }

  public Path file() {
    return directory.resolve("migration.yaml");
  }

  /** What a command printed and how it ended. */
  public record Outcome(int exit, String out, String err) {
    public String all() {
      return out + err;
    }
  }

  /** Runs a command in this process. */
  public Outcome run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("-f");
    all.add(file().toString());
    return command(all.toArray(String[]::new));
  }

  /** Likewise, a command that has to end with exit code 0. */
  public Outcome mustRun(String... arguments) {
    Outcome outcome = run(arguments);
    assertThat(outcome.exit()).as(outcome.all()).isZero();
    return outcome;
  }

  /** Runs any command line in this process. */
  public static Outcome command(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Segue.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int exit = line.execute(arguments);
    return new Outcome(exit, out.toString(), err.toString());
  }

  /** Starts {@code segue run} in a process of its own. */
  public Pipeline start(Map<String, String> environment, String... options) throws IOException {
    return start(directory.resolve("data"), environment, options);
  }

  /** Likewise, with another data directory, as on another machine. */
  public Pipeline start(Path dataDirectory, Map<String, String> environment, String... options)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--set");
    all.add("data-dir=" + dataDirectory);
    Pipeline pipeline =
        Pipeline.start(
            QuickStart::start,
            file(),
            dataDirectory,
            log().toFile(),
            environment,
            all.toArray(String[]::new));
    pipelines.add(pipeline);
    return pipeline;
  }

  public Path log() {
    return directory.resolve("segue.log");
  }

  /** The log's last lines, for messages. */
  public String logTail() throws IOException {
    List<String> lines = Files.readAllLines(log());
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }

  /** Waits until the pipeline's status is such. */
  public JsonNode await(Pipeline pipeline, String what, Predicate<JsonNode> condition)
      throws Exception {
    long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (System.nanoTime() < until) {
      Optional<JsonNode> status = pipeline.status();
      if (status.isPresent() && condition.test(status.get())) {
        return status.get();
      }
      if (!pipeline.process().isAlive()) {
        throw new AssertionError("segue run ended while waiting for " + what + "\n" + logTail());
      }
      Thread.sleep(50);
    }
    throw new AssertionError(
        "waited in vain for " + what + "; status " + pipeline.status() + "\n" + logTail());
  }

  /** Waits until history is copied. */
  public JsonNode awaitStreaming(Pipeline pipeline) throws Exception {
    return await(pipeline, "streaming", s -> s.path("phase").asText().equals("streaming"));
  }

  /** Starts {@code segue run} and waits until it follows the source. */
  public Pipeline startFollowing() throws Exception {
    Pipeline pipeline = start(Map.of());
    awaitStreaming(pipeline);
    awaitBothWays(pipeline);
    return pipeline;
  }

  /** Waits until the stream arrives soon; right after a start it is as late as that start took. */
  public void awaitLag(Pipeline pipeline) throws Exception {
    await(pipeline, "lag", s -> isFresh(s.path("lag")));
  }

  /** Waits until the stream arrives soon, and that of the way back, where there is one. */
  public void awaitBothWays(Pipeline pipeline) throws Exception {
    await(
        pipeline,
        "both ways",
        s ->
            isFresh(s.path("lag"))
                && (s.path("routing").path("way_back").isNull()
                    || isFresh(s.path("routing").path("way_back").path("lag"))));
  }

  private static boolean isFresh(JsonNode lag) {
    return lag.path("ms").asLong(-1) >= 0 && lag.path("ms").asLong() < 2000;
  }

  /** Puts a mark behind everything that is committed and waits until it passed all partitions. */
  public void drain(Duration most) throws Exception {
    try (Connection source = source();
        Connection target = target()) {
      Barrier.onDatabase(name, source).awaitIn(target, Barrier.DATABASE, deadline(most));
    }
  }

  /** Likewise on the way back. */
  public void drainBack(Duration most) throws Exception {
    try (Connection source = source();
        Connection target = target()) {
      Barrier.onDatabase(back(), target).awaitIn(source, Barrier.DATABASE, deadline(most));
    }
  }

  /** Likewise into a Redis, which may be killed meanwhile. */
  public void drainInto(RedisServer redis, Duration most) throws Exception {
    try (Connection from = source()) {
      Barrier.onDatabase(name, from).awaitIn(redis, deadline(most));
    }
  }

  /** Likewise on the way back to one. */
  public void drainBackInto(RedisServer redis, Duration most) throws Exception {
    try (Connection from = target()) {
      Barrier.onDatabase(back(), from).awaitIn(redis, deadline(most));
    }
  }

  private String back() {
    return name + "--back";
  }

  /**
   * Likewise into a directory of files.
   *
   * @param from the source's database
   */
  public void drainInto(Path files, Connection from, Duration most) throws Exception {
    String url = "jdbc:sqlite:file:" + files.resolve(".segue/" + name + ".sqlite") + "?mode=ro";
    try (Connection beside = DriverManager.getConnection(url)) {
      Barrier.onDatabase(name, from).awaitIn(beside, Barrier.FILES, deadline(most));
    }
  }

  /** Likewise from a Redis. */
  public void drain(RedisServer redis, Duration most) throws Exception {
    try (Connection to = target()) {
      Barrier.onRedis(name, redis).awaitIn(to, Barrier.DATABASE, deadline(most));
    }
  }

  /** Likewise from files. */
  public void drain(Path files, Duration most) throws Exception {
    try (Connection to = target()) {
      Barrier.onFiles(name, files).awaitIn(to, Barrier.DATABASE, deadline(most));
    }
  }

  private Barrier.Deadline deadline(Duration most) {
    return new Barrier.Deadline(most, this::logTail);
  }

  @Override
  public void close() throws Exception {
    for (Pipeline pipeline : pipelines) {
      // A stopped process does not even die before it is continued.
      pipeline.kill();
    }
    EmbeddedServers.delete(directory);
    for (PostgresServer server : List.of(Servers.source(), Servers.target())) {
      removeTraces(server);
    }
    Servers.source().execute("postgres", "DROP DATABASE " + database() + " WITH (FORCE)");
    Servers.target().execute("postgres", "DROP DATABASE " + database() + " WITH (FORCE)");
  }

  private void removeTraces(PostgresServer server) throws Exception {
    String ours = "segue_" + name.replace('-', '_');
    server.execute(
        "postgres",
        "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
            + " WHERE slot_name IN ('%1$s', '%1$s__back') AND active_pid IS NOT NULL"
                .formatted(ours));
    server.execute(
        database(),
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            + " WHERE slot_name IN ('%1$s', '%1$s__back')".formatted(ours));
    server.execute(
        database(),
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            + " WHERE application_name = 'segue "
            + name
            + "'");
    server.execute(
        database(),
        "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin"
            + " WHERE roname ~ '^%1$s(__back)?_[0-9]+$'".formatted(ours));
  }
}
