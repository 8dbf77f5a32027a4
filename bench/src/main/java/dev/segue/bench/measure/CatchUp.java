package dev.segue.bench.measure;

import dev.segue.bench.contender.Follower;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Backlog;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Database;
import dev.segue.bench.server.Site;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How fast a backlog is worked off: changes a second, from the moment the contender is started
 * until the target holds what the source holds. All of them work off the same one, which was
 * written while none of them ran. The start of a JVM counts; that of the peer's broker does not.
 */
public final class CatchUp implements Measurement {
  private final Contest contest;
  private final Site site;
  private final Conversations size;
  private final Backlog backlog;
  private final List<Follower> followers;

  public CatchUp(
      Contest contest, Site site, Conversations size, Backlog backlog, List<Follower> followers) {
    this.contest = contest;
    this.site = site;
    this.size = size;
    this.backlog = backlog;
    this.followers = List.copyOf(followers);
  }

  @Override
  public String name() {
    return "catchup";
  }

  /** A contender that waits for its turn. */
  private record Ready(Follower.Following following, Database target) {}

  @Override
  public void round(int number) throws Exception {
    Database source = site.createSource("catchup");
    Map<Follower, Ready> ready = new LinkedHashMap<>();
    try {
      size.createIn(source);
      for (Follower follower : followers) {
        contest.turn(number, follower, f -> ready.put(f, prepare(f, source)));
      }
      contest.tell("writing " + backlog.transactions() + " transactions");
      Draining draining = Draining.write(backlog, source);
      contest.round(
          number,
          List.copyOf(ready.keySet()),
          follower -> measure(number, follower, ready.get(follower), draining));
    } finally {
      for (Ready one : ready.values()) {
        one.following().close();
        site.drop(one.target());
      }
      site.drop(source);
    }
  }

  private Ready prepare(Follower follower, Database source) throws Exception {
    Database target = site.createTarget("target");
    Conversations.createTables(target);
    return new Ready(follower.prepare(source, target), target);
  }

  private void measure(int round, Follower follower, Ready ready, Draining draining)
      throws Exception {
    site.settle();
    try {
      double seconds = draining.run(ready.following(), ready.target());
      contest.figure(round, follower.name(), Goals.SECONDS, seconds);
      contest.figure(round, follower.name(), Goals.CHANGES, backlog.changes() / seconds);
      long resident = ready.following().peakResidentBytes();
      if (resident > 0) {
        contest.figure(round, follower.name(), "peak resident MB", resident >> 20);
      }
    } finally {
      ready.following().close();
    }
  }
}
