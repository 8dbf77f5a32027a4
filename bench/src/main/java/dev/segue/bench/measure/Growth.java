package dev.segue.bench.measure;

import dev.segue.bench.contender.Segue;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Backlog;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.Site;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether more data cost more time for each row, or more memory: snapshot and catch-up of one,
 * three and ten times the same, in a heap that never grows. And whether more members of the sink
 * make a change cheaper: the catch-up of three times the same with one, two and four.
 */
public final class Growth implements Measurement {
  private static final int[] FACTORS = {1, 3, 10};

  /** One is what it is otherwise. */
  private static final int[] MORE_MEMBERS = {2, 4};

  private static final int FACTOR_OF_MEMBERS = 3;

  private final Contest contest;
  private final Site site;
  private final Segue segue;
  private final Conversations base;
  private final Backlog backlog;

  /** Of these sizes, which are the factor 1. */
  public Growth(Contest contest, Site site, Segue segue, Conversations base, Backlog backlog) {
    this.contest = contest;
    this.site = site;
    this.segue = segue;
    this.base = base;
    this.backlog = backlog;
  }

  @Override
  public String name() {
    return "growth";
  }

  /** Growth is about the slope, not the last percent. */
  @Override
  public int rounds(int asked) {
    return 1;
  }

  /** How long so many rows, and so many changes, took. */
  private record Taken(int factor, long rows, double copying, long changes, double following) {}

  @Override
  public void round(int number) throws Exception {
    List<Taken> all = new ArrayList<>();
    for (int factor : FACTORS) {
      SmallHeap heap = new SmallHeap(site, segue, "");
      contest.turn(number, heap.segue(), s -> all.add(measure(number, factor, heap)));
    }
    for (int i = 1; i < all.size(); i++) {
      slope(number, all.get(i - 1), all.get(i));
    }
    if (all.size() == FACTORS.length) {
      contest.figure(number, Goals.SEGUE, Goals.HEAP, SmallHeap.MB);
    }
    all.stream()
        .filter(taken -> taken.factor() == FACTOR_OF_MEMBERS)
        .forEach(taken -> ofMembers(number, 1, taken.following(), taken.changes()));
    for (int members : MORE_MEMBERS) {
      SmallHeap heap = new SmallHeap(site, segue, "sink: {members: " + members + "}\n");
      contest.turn(number, heap.segue(), s -> measureMembers(number, members, heap));
    }
  }

  private void measureMembers(int round, int members, SmallHeap heap) throws Exception {
    Conversations size = base.times(FACTOR_OF_MEMBERS);
    Backlog more = new Backlog(size.sessions(), backlog.transactions() * FACTOR_OF_MEMBERS);
    ofMembers(round, members, heap.migrate(size, more).following(), more.changes());
  }

  private void ofMembers(int round, int members, double seconds, long changes) {
    String with = " with " + members + " sink members";
    contest.figure(round, Goals.SEGUE, "catch-up, s" + with, seconds);
    contest.figure(round, Goals.SEGUE, "catch-up, µs for a change" + with, seconds * 1e6 / changes);
  }

  /** What each further row takes: what a start takes is in none of them. */
  private void slope(int round, Taken less, Taken more) {
    String between = " from " + less.factor() + "× to " + more.factor() + "×";
    contest.figure(
        round,
        Goals.SEGUE,
        "snapshot, µs for a further row" + between,
        (more.copying() - less.copying()) * 1e6 / (more.rows() - less.rows()));
    contest.figure(
        round,
        Goals.SEGUE,
        "catch-up, µs for a further change" + between,
        (more.following() - less.following()) * 1e6 / (more.changes() - less.changes()));
  }

  private Taken measure(int round, int factor, SmallHeap heap) throws Exception {
    Conversations size = base.times(factor);
    Backlog more = new Backlog(size.sessions(), backlog.transactions() * factor);
    SmallHeap.Taken taken = heap.migrate(size, more);
    contest.figure(round, Goals.SEGUE, "snapshot, s at " + factor + "×", taken.copying());
    contest.figure(round, Goals.SEGUE, "catch-up, s at " + factor + "×", taken.following());
    contest.figure(round, Goals.SEGUE, "peak resident MB at " + factor + "×", taken.residentMb());
    contest.figure(
        round,
        Goals.SEGUE,
        "most heap in use after a full GC, MB at " + factor + "×",
        taken.heap().most());
    contest.figure(
        round,
        Goals.SEGUE,
        "heap in use once all is there, MB at " + factor + "×",
        taken.heap().end());
    return new Taken(factor, size.rows(), taken.copying(), more.changes(), taken.following());
  }
}
