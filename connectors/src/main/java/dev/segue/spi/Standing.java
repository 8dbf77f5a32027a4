package dev.segue.spi;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a migration stands by what is kept in its target.
 *
 * @param parked see {@link Ledger#parked}
 * @param parity see {@link ParityLog#totals}
 * @param move see {@link MoveLog#open}
 */
public record Standing(
    List<Ledger.Parked> parked, Optional<ParityLog.Totals> parity, Optional<MoveLog.Entry> move) {
  /** What is known before the target has answered. */
  public static final Standing UNKNOWN =
      new Standing(List.of(), Optional.empty(), Optional.empty());

  public Standing {
    parked = List.copyOf(parked);
    Objects.requireNonNull(parity, "parity");
    Objects.requireNonNull(move, "move");
  }
}
