package dev.segue.bench.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.bench.contender.ContenderFailedException;
import dev.segue.bench.contender.Patience;
import dev.segue.bench.contender.Segue;
import dev.segue.bench.contender.SegueMigration;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Child;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import dev.segue.client.SegueRoutes;
import dev.segue.demo.Spoken;
import dev.segue.demo.Store;
import dev.segue.demo.Talkers;
import java.io.IOException;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * How long writers of busy sessions wait while these are handed over: from the first try of a write
 * that met a session in between until it was acknowledged, on whichever side. Segue moves the
 * demo's tables from one layout to another, and people talk 500 times a second. Those whose session
 * does not move go on meanwhile.
 */
public final class WritePause implements Measurement {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RATE = 500;
  private static final int CLIENTS = 8;
  private static final long SEED = 7;
  private static final int MOST_ATTEMPTS = 5;
  private static final String SHARE = "25%";

  private final Contest contest;
  private final Site site;
  private final int sessions;
  private final Segue segue;

  /**
   * Of so many sessions.
   *
   * @param sessions that people talk in, each with the demo's history
   */
  public WritePause(Contest contest, Site site, int sessions, Segue segue) {
    this.contest = contest;
    this.site = site;
    this.sessions = sessions;
    this.segue = segue;
  }

  @Override
  public String name() {
    return "pause";
  }

  @Override
  public void round(int number) throws Exception {
    contest.turn(number, segue, s -> measure(number));
  }

  private void measure(int round) throws Exception {
    Database source = site.createSource("pause");
    Database target = site.createTarget("pause");
    try (SegueMigration migration = segue.migration(source, target, "aria-engine")) {
      try (Connection from = source.open();
          Connection to = target.open()) {
        Store.createSource(from);
        Store.writeHistory(from, sessions, SEED);
        Store.createTarget(to);
      }
      migration.start();
      migration.awaitStreaming();
      try (SegueRoutes routes = SegueRoutes.follow(migration.address().orElseThrow())) {
        talk(round, migration, source, target, routes);
      }
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }

  private void talk(
      int round, SegueMigration migration, Database source, Database target, SegueRoutes routes)
      throws Exception {
    List<UUID> all = Talkers.history(SEED, sessions);
    try (Talkers talkers =
        Talkers.start(source::open, target::open, routes, all, CLIENTS, RATE, SEED)) {
      // Until the pipeline is compiled: a cutover does not come in its first seconds.
      Thread.sleep(40_000);
      Fences fences = new Fences(migration);
      fences.handOver();
      Thread.sleep(2000);
      talkers.finish();
      awaitBothSides(talkers);
      Spoken spoken = talkers.spoken();
      if (spoken.waits() == 0) {
        throw new ContenderFailedException("no write met a session that was handed over");
      }
      figure(round, "writes that waited", spoken.waits());
      figure(round, "p50 ms", spoken.pauseMs().p50());
      figure(round, Goals.P99, spoken.pauseMs().p99());
      figure(round, "max ms", spoken.pauseMs().max());
      figure(round, "longest fence by its own report, ms", fences.longest.get("pause_ms"));
      figure(round, "of it at most until all was brought over, ms", fences.longest.get("drain_ms"));
      figure(round, "of it at most for comparing, ms", fences.longest.get("parity_ms"));
      figure(round, "slices that were fenced one after the other", fences.moves);
      figure(round, "cutovers that were taken back", fences.takenBack);
    }
  }

  private void figure(int round, String quantity, long value) {
    contest.figure(round, segue.name(), quantity, value);
  }

  /** Gives the order, and again if a move was taken back, as an operator would. */
  private static final class Fences {
    private final SegueMigration migration;
    private final Map<String, Long> longest = new HashMap<>();
    private int moves;
    private int takenBack;

    Fences(SegueMigration migration) {
      this.migration = migration;
    }

    void handOver() throws Exception {
      for (int attempt = 1; ; attempt++) {
        migration.awaitAbreast();
        JsonNode report = order();
        keepLongest("pause_ms", report.path("pause_ms").path("max"));
        moves += report.path("slices").size();
        for (JsonNode slice : report.path("slices")) {
          keepLongest("drain_ms", slice.path("timings").path("drain_ms"));
          keepLongest("parity_ms", slice.path("timings").path("parity_ms"));
        }
        if (report.path("outcome").asText().equals("done")) {
          return;
        }
        takenBack++;
        if (attempt == MOST_ATTEMPTS) {
          throw new ContenderFailedException(
              "cutover to " + SHARE + " was not done: " + report.path("reason").asText());
        }
      }
    }

    private void keepLongest(String what, JsonNode time) {
      longest.merge(what, time.longValue(), Math::max);
    }

    private JsonNode order() throws IOException, InterruptedException {
      Child command = migration.command("cutover", "--slice", SHARE, "--json");
      if (command.await(Patience.LONG.toSeconds()) > 1) {
        throw new ContenderFailedException("cutover was refused: " + command.lastWords());
      }
      String printed = command.printed();
      return JSON.readTree(
          printed.substring(printed.startsWith("{") ? 0 : printed.indexOf("\n{") + 1));
    }
  }

  private static void awaitBothSides(Talkers talkers) throws Exception {
    Spoken.Verdict verdict = talkers.judge();
    for (int second = 0; !verdict.foundNothing(); second++) {
      if (second == 30) {
        throw new ContenderFailedException("what people said is not on both sides: " + verdict);
      }
      Thread.sleep(1000);
      verdict = talkers.judge();
    }
    if (talkers.spoken().failures() > 0) {
      throw new ContenderFailedException(
          talkers.spoken().failures() + " writes were never acknowledged");
    }
  }
}
