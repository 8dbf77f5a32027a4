package dev.segue.bench.contender;

import java.time.Duration;

/** Waits for something that is expected, with an end to the waiting. */
public final class Patience {
  /** Longer than any contender needs for anything on any machine that is fit for a measurement. */
  public static final Duration LONG = Duration.ofMinutes(20);

  private Patience() {}

  /** Something that may be so. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Asks until it is so.
   *
   * @param what is waited for, in words
   * @param pause between two questions
   * @throws ContenderFailedException if it takes longer than {@link #LONG}
   */
  public static void await(String what, Duration pause, Condition condition) throws Exception {
    long end = System.nanoTime() + LONG.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new ContenderFailedException(
            "waited " + LONG.toMinutes() + " minutes for " + what + ", in vain");
      }
      Thread.sleep(pause.toMillis());
    }
  }
}
