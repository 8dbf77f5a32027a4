package dev.segue.cutover;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Tells when the other side follows closely enough for a slice to be fenced: closely if that is to
 * be had, for that is how long writers are going to be refused; else as closely as has to be.
 *
 * <p>One is kept for all slices of a cutover: where it was waited for in vain, it is waited for
 * half as long the next time.
 */
final class Pace {
  /** What remains to be done has to fit into such a part of the longest pause. */
  private static final int ENOUGH = 4;

  /** It is hoped to fit into such a part of the longest pause. */
  private static final int CLOSE = 16;

  /** That is hoped for no longer than so many pauses, and for twice of it as long again. */
  private static final int LONGEST_HOPE = 8;

  /** Whether the other side will ever follow is waited for no longer than so many pauses. */
  private static final int PATIENCE = 20;

  private final long maxPause;
  private final LongSupplier clock;
  private long hope;

  /**
   * @param maxPause how long writers may be refused
   */
  Pace(Duration maxPause) {
    this(maxPause, System::nanoTime);
  }

  /**
   * @param clock in nanoseconds
   */
  Pace(Duration maxPause, LongSupplier clock) {
    this.maxPause = maxPause.toNanos();
    this.clock = clock;
    this.hope = LONGEST_HOPE * this.maxPause;
  }

  /** One slice waits, from now on. */
  Waiting begin() {
    return new Waiting();
  }

  /** How one slice waits. */
  final class Waiting {
    private final long began = clock.getAsLong();

    private long waited() {
      return clock.getAsLong() - began;
    }

    /** Whether it was long enough, whatever the other side does. */
    boolean isOver() {
      return waited() >= PATIENCE * maxPause;
    }

    /** Whether something that takes so long may be done while writers are refused. */
    boolean admits(Duration time) {
      long longest = maxPause / CLOSE;
      if (waited() >= 2 * hope) {
        longest = maxPause / ENOUGH;
      } else if (waited() >= hope) {
        longest = 2 * maxPause / CLOSE;
      }
      return time.toNanos() <= longest;
    }

    /** The slice is fenced. */
    void end() {
      hope =
          waited() < hope
              ? Math.min(2 * hope, LONGEST_HOPE * maxPause)
              : Math.max(hope / 2, maxPause / ENOUGH);
    }
  }
}
