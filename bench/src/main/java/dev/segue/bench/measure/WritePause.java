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
import dev.segue.demo.Store;
import dev.segue.demo.Talkers;
import java.io.IOException;
import java.sql.Connection;
import java.util.List;
import java.util.UUID;

/**
 * How long writers of busy sessions wait while these are handed over: from the first try of a write
 * that met a session in between until it was acknowledged, on whichever side. Segue moves the
 * demo's tables from one layout to another, and people talk 500 times a second.
 */
public final class WritePause implements Measurement {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RATE = 500;
  private static final int CLIENTS = 8;
  private static final long SEED = 7;
  private static final int MOST_ATTEMPTS = 5;
  private static final List<String> SHARES = List.of("25%", "50%", "75%", "100%");

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
      // Until the pipeline is warm: a cutover does not come in its first seconds.
      Thread.sleep(15_000);
      Fences fences = new Fences(migration);
      for (String share : SHARES) {
        fences.handOver(share);
        Thread.sleep(2000);
      }
      talkers.finish();
      awaitBothSides(talkers);
      List<Long> pauses = talkers.pauses();
      if (pauses.isEmpty()) {
        throw new ContenderFailedException("no write met a session that was handed over");
      }
      figure(round, "writes that waited", pauses.size());
      figure(round, "p50 ms", at(pauses, 0.5));
      figure(round, Goals.P99, at(pauses, 0.99));
      figure(round, "max ms", at(pauses, 1));
      figure(round, "longest fence by its own report, ms", fences.longest);
      figure(round, "cutovers that were taken back", fences.takenBack);
    }
  }

  private void figure(int round, String quantity, long value) {
    contest.figure(round, segue.name(), quantity, value);
  }

  /** Gives the order, and again if a move was taken back, as an operator would. */
  private static final class Fences {
    private final SegueMigration migration;
    private long longest;
    private int takenBack;

    Fences(SegueMigration migration) {
      this.migration = migration;
    }

    void handOver(String share) throws Exception {
      for (int attempt = 1; ; attempt++) {
        migration.awaitAbreast();
        JsonNode report = order(share);
        longest = Math.max(longest, report.path("pause_ms").path("max").longValue());
        if (report.path("outcome").asText().equals("done")) {
          return;
        }
        takenBack++;
        if (attempt == MOST_ATTEMPTS) {
          throw new ContenderFailedException(
              "cutover to " + share + " was not done: " + report.path("reason").asText());
        }
      }
    }

    private JsonNode order(String share) throws IOException, InterruptedException {
      Child command = migration.command("cutover", "--slice", share, "--json");
      if (command.await(Patience.LONG.toSeconds()) > 1) {
        throw new ContenderFailedException("cutover was refused: " + command.lastWords());
      }
      String printed = command.printed();
      return JSON.readTree(
          printed.substring(printed.startsWith("{") ? 0 : printed.indexOf("\n{") + 1));
    }
  }

  private static void awaitBothSides(Talkers talkers) throws Exception {
    Talkers.Verdict verdict = talkers.judge();
    for (int second = 0; !verdict.foundNothing(); second++) {
      if (second == 30) {
        throw new ContenderFailedException("what people said is not on both sides: " + verdict);
      }
      Thread.sleep(1000);
      verdict = talkers.judge();
    }
    if (talkers.failed() > 0) {
      throw new ContenderFailedException(talkers.failed() + " writes were never acknowledged");
    }
  }

  private static long at(List<Long> sorted, double share) {
    return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(sorted.size() * share)));
  }
}
