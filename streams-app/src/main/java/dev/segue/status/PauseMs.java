package dev.segue.status;

import java.util.stream.LongStream;

/**
 * How long writers had to wait, milliseconds; zeros if none had to.
 *
 * @param p50 half of them waited no longer
 * @param p99 of a hundred one waited as long or longer
 * @param max the one that waited longest
 */
public record PauseMs(long p50, long p99, long max) {
  /** Of so many pauses, in any order. */
  public static PauseMs of(LongStream pauses) {
    long[] sorted = pauses.sorted().toArray();
    return new PauseMs(at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
  }

  private static long at(long[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1L, Math.round(sorted.length * share))];
  }
}
