package dev.segue.bench;

import dev.segue.bench.contender.BareCopy;
import dev.segue.bench.contender.ConnectJdbc;
import dev.segue.bench.contender.Contender;
import dev.segue.bench.contender.Copier;
import dev.segue.bench.contender.Follower;
import dev.segue.bench.contender.NativeReplication;
import dev.segue.bench.contender.Pgcopydb;
import dev.segue.bench.contender.Segue;
import dev.segue.bench.measure.CatchUp;
import dev.segue.bench.measure.Contest;
import dev.segue.bench.measure.Extremes;
import dev.segue.bench.measure.FirstRun;
import dev.segue.bench.measure.Growth;
import dev.segue.bench.measure.Latency;
import dev.segue.bench.measure.Measurement;
import dev.segue.bench.measure.RedisMove;
import dev.segue.bench.measure.Snapshot;
import dev.segue.bench.measure.StartUp;
import dev.segue.bench.measure.VerifyTime;
import dev.segue.bench.measure.WritePause;
import dev.segue.bench.report.Report;
import dev.segue.bench.report.Results;
import dev.segue.bench.server.AgentKeys;
import dev.segue.bench.server.Backlog;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Machine;
import dev.segue.bench.server.Site;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Puts the parts of a run together, and takes them apart again whatever happens. */
final class BenchRun {
  private final Path home;
  private final Wish wish;
  private final Consumer<String> story;
  private final Results results = new Results();

  /**
   * What somebody wants to know.
   *
   * @param only the names of contenders, or nothing for all
   */
  record Wish(Set<Choice> choices, double scale, int rounds, List<String> only) {
    Wish {
      choices = Set.copyOf(choices);
      only = List.copyOf(only);
    }

    boolean wants(Contender contender) {
      return only.isEmpty()
          || only.stream()
              .anyMatch(
                  name ->
                      contender
                          .name()
                          .toLowerCase(Locale.ROOT)
                          .startsWith(name.toLowerCase(Locale.ROOT)));
    }

    Conversations whole() {
      return Conversations.WHOLE.times(scale);
    }

    /** The whole's sessions with a tenth of its messages, for what is not about history. */
    Conversations light() {
      Conversations whole = whole();
      return whole.withMessages(whole.messages() / 10);
    }

    Backlog backlog(double share) {
      int transactions = (int) Math.max(500, Math.round(Backlog.WHOLE * scale * share));
      return new Backlog(whole().times(share).sessions(), transactions);
    }
  }

  BenchRun(Path home, Wish wish, Consumer<String> story) {
    this.home = home;
    this.wish = wish;
    this.story = story;
  }

  Report measure() throws Exception {
    long began = System.nanoTime();
    Instant when = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    // Before anything of ours makes any load.
    Machine idle = Machine.look();
    story.accept("starting two PostgreSQL servers");
    try (Site site = Site.open()) {
      Thread hook = new Thread(site::close, "bench-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        perform(site);
        List<String> names = wish.choices().stream().sorted().map(Choice::toString).toList();
        return Report.of(
            idle.with(site.postgres()),
            new Report.Run(
                names,
                wish.scale(),
                wish.rounds(),
                when.toString(),
                (System.nanoTime() - began) / 1e9,
                site.settings()),
            results);
      } finally {
        forget(hook);
      }
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook does its work.
      Thread.currentThread().interrupt();
    }
  }

  private void perform(Site site) throws Exception {
    Segue segue = new Segue(site, home, System.getenv().getOrDefault("SEGUE_OPTS", ""));
    if (wish.wants(segue)) {
      new FirstRun(site, segue, home).perform(story);
    }
    for (Choice choice : wish.choices().stream().sorted().toList()) {
      try (Measurement measurement = measurement(choice, site, segue)) {
        for (int round = 1; round <= measurement.rounds(wish.rounds()); round++) {
          measurement.round(round);
        }
      }
    }
  }

  private Measurement measurement(Choice choice, Site site, Segue segue) {
    Contest contest = new Contest(choice.toString(), results, story);
    List<Copier> copiers =
        List.of(segue, new NativeReplication(), new BareCopy(), new Pgcopydb(site));
    ConnectJdbc connect = new ConnectJdbc(site, home.resolve("bench/target/peers"));
    double seconds = Math.max(4, 30 * Math.min(1, wish.scale()));
    return switch (choice) {
      case SNAPSHOT -> new Snapshot(contest, site, wish.whole(), wanted(copiers));
      case CATCHUP ->
          new CatchUp(
              contest,
              site,
              wish.light(),
              wish.backlog(1),
              wanted(List.of(segue, new NativeReplication(), connect)));
      case LATENCY ->
          new Latency(
              contest,
              site,
              wish.light(),
              seconds,
              wanted(List.<Follower>of(segue, new NativeReplication())));
      case PAUSE -> {
        int sessions = (int) Math.max(400, Math.round(2000 * Math.min(1, wish.scale())));
        yield new WritePause(contest, site, sessions, segue);
      }
      case VERIFY -> new VerifyTime(contest, site, wish.whole(), segue);
      case GROWTH -> new Growth(contest, site, segue, wish.whole().times(0.05), wish.backlog(0.05));
      case EXTREMES -> new Extremes(contest, site, segue, wish.scale());
      case STARTUP -> new StartUp(contest, site, segue);
      case REDIS ->
          new RedisMove(
              contest, site, segue, AgentKeys.WHOLE.times(wish.scale()), Math.min(10, seconds));
      case ALL -> throw new IllegalArgumentException("all is not one");
    };
  }

  private <C extends Contender> List<C> wanted(List<C> contenders) {
    return contenders.stream().filter(wish::wants).toList();
  }
}
