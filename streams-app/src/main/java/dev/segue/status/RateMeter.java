package dev.segue.status;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;

/** Counts, and says how many a second there were lately. */
public final class RateMeter {
  private static final long WINDOW_NANOS = 10_000_000_000L;

  private final LongAdder total = new LongAdder();
  private final Deque<long[]> samples = new ArrayDeque<>();

  public void add(long count) {
    total.add(count);
  }

  public long total() {
    return total.sum();
  }

  /** Per second over the last ten seconds; asked now and then, at least twice. */
  public synchronized long perSecond() {
    long now = System.nanoTime();
    long count = total.sum();
    samples.addLast(new long[] {now, count});
    while (samples.size() > 2 && now - samples.peekFirst()[0] > WINDOW_NANOS) {
      samples.removeFirst();
    }
    long[] oldest = samples.peekFirst();
    long nanos = now - oldest[0];
    return nanos < 100_000_000L ? 0 : Math.round((count - oldest[1]) * 1e9 / nanos);
  }
}
