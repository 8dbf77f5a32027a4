package dev.segue.verify;

import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import java.util.Objects;

/**
 * One direction in which the two sides can be compared: what is read here, written as it would be
 * there, must be what is there.
 *
 * @param ledger says which barriers of this direction have passed
 */
public record Terms(Source source, Holdings holdings, Ledger ledger) {
  public Terms {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(holdings, "holdings");
    Objects.requireNonNull(ledger, "ledger");
  }
}
