package dev.segue.bench.measure;

import dev.segue.bench.contender.Segue;
import dev.segue.bench.report.Goals;
import dev.segue.bench.server.Conversations;
import dev.segue.bench.server.LargeTransaction;
import dev.segue.bench.server.Site;
import java.util.List;

/**
 * Data of unusual shapes in a heap of 512 MB: a transaction that is larger than any buffer, a
 * session that is longer than any batch, and very many sessions.
 */
public final class Extremes implements Measurement {
  private final Contest contest;
  private final Site site;
  private final Segue segue;
  private final List<Shape> shapes;

  /**
   * One of the shapes.
   *
   * @param history what is there first
   * @param written in one transaction, while nobody follows
   */
  private record Shape(String name, Conversations history, LargeTransaction written) {}

  /**
   * @param scale 1 for a transaction of a million messages, a session of 200,000, a million
   *     sessions
   */
  public Extremes(Contest contest, Site site, Segue segue, double scale) {
    this.contest = contest;
    this.site = site;
    this.segue = segue;
    int million = (int) Math.max(2000, Math.round(1_000_000 * scale));
    int thousands = (int) Math.max(2000, Math.round(200_000 * scale));
    this.shapes =
        List.of(
            new Shape(
                "a transaction of %,d messages".formatted(million),
                new Conversations(5000, 5000),
                new LargeTransaction(5000, million)),
            new Shape(
                "a session of %,d messages".formatted(thousands),
                new Conversations(1, thousands),
                new LargeTransaction(1, thousands / 10)),
            new Shape(
                "%,d sessions of one message".formatted(million),
                new Conversations(million, million),
                new LargeTransaction(million, million / 100)));
  }

  @Override
  public String name() {
    return "extremes";
  }

  /** They hold or they do not; a second round tells nothing more. */
  @Override
  public int rounds(int asked) {
    return 1;
  }

  @Override
  public void round(int number) throws Exception {
    for (Shape shape : shapes) {
      SmallHeap heap = new SmallHeap(site, segue, "");
      contest.turn(number, heap.segue(), s -> measure(number, shape, heap));
    }
  }

  private void measure(int round, Shape shape, SmallHeap heap) throws Exception {
    SmallHeap.Taken taken = heap.migrate(shape.history(), shape.written());
    contest.figure(round, Goals.SEGUE, shape.name() + ": snapshot, s", taken.copying());
    contest.figure(round, Goals.SEGUE, shape.name() + ": the rest, s", taken.following());
    contest.figure(
        round,
        Goals.SEGUE,
        shape.name() + ": most heap in use after a full GC, MB",
        taken.heap().most());
    contest.figure(
        round,
        Goals.SEGUE,
        shape.name() + ": heap in use once all is there, MB",
        taken.heap().end());
  }
}
