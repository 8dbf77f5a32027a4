package dev.segue.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.status.PauseMs;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The demo's second half: people are moved while they talk, some of them back, with a kill. */
final class Handover {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path config;
  private final File log;
  private final EmbeddedServers servers;
  private final Talkers talkers;
  private final Story story;
  private int slices;
  private long sessions;

  /** Tells what happens. */
  interface Story {
    void tell(String format, Object... values);
  }

  /** Kills the pipeline and starts it again. */
  interface Killer {
    void kill(String next) throws Exception;
  }

  Handover(Path config, File log, EmbeddedServers servers, Talkers talkers, Story story) {
    this.config = config;
    this.log = log;
    this.servers = servers;
    this.talkers = talkers;
    this.story = story;
  }

  /** From the source to the target: a few, a quarter, all. */
  void cutover(Killer killer) throws Exception {
    move("cutover", "--slice", "1%");
    Thread.sleep(1500);
    move("cutover", "--slice", "25%");
    story.tell("segue cutover --all begins; kill -9 while it is at work.");
    CompletableFuture<Void> dying = CompletableFuture.runAsync(this::startMove);
    Thread.sleep(1200);
    killer.kill("segue run starts again, and brings what was in the middle to an end");
    dying.join();
    move("cutover", "--all");
  }

  private void startMove() {
    try {
      SegueCommand.run(log, "cutover", "--all", "--json", "-f", config.toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private JsonNode move(String... order) throws Exception {
    String[] arguments = java.util.Arrays.copyOf(order, order.length + 3);
    arguments[order.length] = "--json";
    arguments[order.length + 1] = "-f";
    arguments[order.length + 2] = config.toString();
    for (int attempt = 1; ; attempt++) {
      SegueCommand.Ended ended = SegueCommand.run(log, arguments);
      JsonNode report = ended.out().isBlank() ? JSON.nullNode() : JSON.readTree(ended.out());
      if (ended.exit() == 0) {
        told(String.join(" ", order), report);
        return report;
      }
      if (attempt == 10) {
        throw new IllegalStateException(
            "segue " + String.join(" ", order) + " failed: " + report.path("reason").asText());
      }
      // What is in its way is said, and passes: such as a lag right after a start.
      Thread.sleep(1000);
    }
  }

  private void told(String order, JsonNode report) {
    long moved = report.path("sessions").longValue();
    long pause = report.path("pause_ms").path("max").longValue();
    if (order.startsWith("cutover")) {
      sessions += moved;
      slices += report.path("slices").size();
    }
    story.tell(
        "segue %s: %,d sessions changed hands, writers of a slice were refused for %d ms at most;"
            + " the target owns %s %%.",
        order, moved, pause, report.path("owned").path("target").asText());
  }

  /** Waits until people have talked at the target, then gives some of them back. */
  DemoResult.Rollback rollback() throws Exception {
    long before = talkers.spoken().atTarget();
    while (talkers.spoken().atTarget() < before + 100) {
      Thread.sleep(100);
    }
    Map<UUID, UUID> said = talkers.spoken().saidAtTarget();
    JsonNode report = move("rollback", "--slice", "25%");
    Set<UUID> back = ownedBySource(Set.copyOf(said.values()));
    List<UUID> messages =
        said.entrySet().stream()
            .filter(message -> back.contains(message.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    long kept = atSource(messages);
    long deleted =
        messages.stream().filter(message -> !talkers.spoken().isStillSaid(message)).count();
    story.tell("%,d messages that these sessions gained at the target are at the source.", kept);
    return new DemoResult.Rollback(
        report.path("sessions").longValue(), kept, Math.max(0, messages.size() - kept - deleted));
  }

  private Set<UUID> ownedBySource(Set<UUID> asked) throws SQLException {
    try (Connection source = servers.source();
        PreparedStatement statement =
            source.prepareStatement(
                "SELECT id FROM unnest(?::uuid[]) id"
                    + " WHERE segue.owner_of(id::text) = 'source'")) {
      statement.setArray(1, source.createArrayOf("uuid", asked.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        java.util.HashSet<UUID> owned = new java.util.HashSet<>();
        while (rows.next()) {
          owned.add(rows.getObject(1, UUID.class));
        }
        return owned;
      }
    }
  }

  private long atSource(List<UUID> messages) throws SQLException {
    try (Connection source = servers.source();
        PreparedStatement statement =
            source.prepareStatement("SELECT count(*) FROM messages WHERE id = ANY (?)")) {
      statement.setArray(1, source.createArrayOf("uuid", messages.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Everything to the target again, for good. */
  void forGood() throws Exception {
    move("cutover", "--all");
  }

  DemoResult.Cutover result() {
    Spoken spoken = talkers.spoken();
    PauseMs pause = spoken.pauseMs();
    story.tell(
        "%,d requests met a session while it changed hands; they took %s ms; %d failed.",
        spoken.waits(),
        spoken.waits() == 0
            ? "no"
            : "p50 " + pause.p50() + ", p99 " + pause.p99() + ", at most " + pause.max(),
        spoken.failures());
    return new DemoResult.Cutover(slices, sessions, pause, spoken.failures());
  }
}
