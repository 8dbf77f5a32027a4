package dev.segue.cutover;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Tells when the other side follows closely enough for a slice to be fenced: closely if that is to
 * be had, for that is how long writers are going to be refused; else as closely as has to be.
 */
final class Pace {
  /** What remains to be done has to fit into such a part of the longest pause. */
  private static final int ENOUGH = 4;

  /** It is hoped to fit into such a part of the longest pause. */
  private static final int CLOSE = 16;

  /** That is hoped for so many pauses, where nothing says that it is going to be. */
  private static final int HOPE = 2;

  /** From then on, and until so many pauses are over, twice as much will do. */
  private static final int SECOND_HOPE = 8;

  /** Whether the other side will ever follow is waited for no longer than so many pauses. */
  private static final int PATIENCE = 20;

  private final long maxPause;
  private final LongSupplier clock;
  private final long warm;

  /**
   * @param maxPause how long writers may be refused
   * @param warming so long still what brings changes over becomes quicker by itself
   */
  Pace(Duration maxPause, Duration warming) {
    this(maxPause, warming, System::nanoTime);
  }

  /**
   * @param clock in nanoseconds
   */
  Pace(Duration maxPause, Duration warming, LongSupplier clock) {
    this.maxPause = maxPause.toNanos();
    this.clock = clock;
    this.warm = clock.getAsLong() + Math.min(warming.toNanos(), PATIENCE / 2 * this.maxPause);
  }

  /** One slice waits, from now on. */
  Waiting begin() {
    return new Waiting();
  }

  /** How one slice waits. */
  final class Waiting {
    private final long began = clock.getAsLong();
    private final long hope = Math.max(HOPE * maxPause, warm - began);

    private long waited() {
      return clock.getAsLong() - began;
    }

    /** Whether it was long enough, whatever the other side does. */
    boolean isOver() {
      return waited() >= PATIENCE * maxPause;
    }

    /** What takes longer may not be done yet while writers are refused. */
    Duration longest() {
      long waited = waited();
      if (waited < hope) {
        return Duration.ofNanos(maxPause / CLOSE);
      }
      boolean hopesStill = waited < SECOND_HOPE * maxPause || waited < hope + HOPE * maxPause;
      return Duration.ofNanos(hopesStill ? 2 * maxPause / CLOSE : maxPause / ENOUGH);
    }

    /** Whether something that takes so long may be done while writers are refused. */
    boolean admits(Duration time) {
      return time.compareTo(longest()) <= 0;
    }
  }
}
