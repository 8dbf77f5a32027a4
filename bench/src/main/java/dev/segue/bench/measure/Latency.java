package dev.segue.bench.measure;

import dev.segue.bench.contender.ContenderFailedException;
import dev.segue.bench.contender.Follower;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Fingerprint;
import dev.segue.bench.server.Site;
import java.sql.SQLException;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * How long it takes from a commit on the source until its rows are visible on the target, at 500
 * transactions a second. The time until a contender is abreast of the writers is not counted, nor
 * the first while after that.
 */
public final class Latency implements Measurement {
  private static final double RATE = 500;

  /** Of the time that is counted, for a JVM to become warm in. */
  private static final double UNCOUNTED = 2.0 / 3;

  private static final int MOST_SECONDS = 120;

  private final Contest contest;
  private final Site site;
  private final Conversations size;
  private final double seconds;
  private final List<Follower> followers;

  /**
   * Of these.
   *
   * @param seconds that are counted, after two thirds as many that are not
   */
  public Latency(
      Contest contest, Site site, Conversations size, double seconds, List<Follower> followers) {
    this.contest = contest;
    this.site = site;
    this.size = size;
    this.seconds = seconds;
    this.followers = List.copyOf(followers);
  }

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public void round(int number) throws Exception {
    contest.round(number, followers, follower -> measure(number, follower));
  }

  private void measure(int round, Follower follower) throws Exception {
    Database source = site.createSource("latency");
    Database target = site.createTarget("latency");
    try {
      size.createIn(source);
      Conversations.createTables(target);
      site.settle();
      try (Follower.Following following = follower.prepare(source, target)) {
        following.start();
        figures(round, follower.name(), observe(following, source, target));
      }
    } finally {
      site.drop(target);
      site.drop(source);
    }
  }

  private Histogram observe(Follower.Following following, Database source, Database target)
      throws Exception {
    try (Writers writers = Writers.start(source, size.sessions(), RATE);
        Observer observer = new Observer(target)) {
      awaitAbreast(following, writers, observer);
      observer.watch(writers.unseen(), seconds * UNCOUNTED);
      Histogram histogram = observer.watch(writers.unseen(), seconds);
      writers.finish();
      for (int more = 0; !writers.unseen().isEmpty() && more < 60; more++) {
        histogram.add(observer.watch(writers.unseen(), 1));
      }
      Delivery.check(Fingerprint.of(source), target);
      return histogram;
    }
  }

  /** Its start, and what was written meanwhile, are measured elsewhere. */
  private static void awaitAbreast(Follower.Following following, Writers writers, Observer observer)
      throws Exception {
    for (int second = 0; !isAbreast(writers, observer); second++) {
      following.check();
      if (second == MOST_SECONDS) {
        throw new ContenderFailedException(
            "not abreast of "
                + (int) RATE
                + " transactions a second after "
                + MOST_SECONDS
                + " s: "
                + writers.unseen().size()
                + " were not visible yet");
      }
    }
  }

  private static boolean isAbreast(Writers writers, Observer observer)
      throws SQLException, InterruptedException {
    return observer.watch(writers.unseen(), 1).getTotalCount() > 0
        && writers.unseen().size() < RATE;
  }

  private void figures(int round, String contender, Histogram histogram) {
    contest.figure(round, contender, "p50 ms", histogram.getValueAtPercentile(50) / 1000.0);
    contest.figure(round, contender, Goals.P99, histogram.getValueAtPercentile(99) / 1000.0);
    contest.figure(round, contender, "max ms", histogram.getMaxValue() / 1000.0);
  }
}
