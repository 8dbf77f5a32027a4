package dev.segue.mark;

import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import java.time.Duration;
import java.util.UUID;

/**
 * Proves that everything which the source had committed when the barrier was raised is in the
 * target: its mark has come out of every partition.
 */
public final class Barrier {
  private final Ledger ledger;
  private final String nonce = "barrier-" + UUID.randomUUID();

  private Barrier(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Writes the mark. */
  public static Barrier raise(Source source, Ledger ledger) {
    Barrier barrier = new Barrier(ledger);
    source.mark(barrier.nonce, System.currentTimeMillis());
    return barrier;
  }

  /**
   * Waits for the mark in every partition.
   *
   * @return false if the time was up first
   */
  public boolean await(Duration most) throws InterruptedException {
    boolean passed = ledger.await(nonce, most);
    ledger.forget(nonce);
    return passed;
  }
}
