package dev.segue.bench.report;

import java.util.Objects;

/**
 * What one figure of each round is of.
 *
 * @param quantity what was measured, with its unit: {@code rows/s}
 */
public record Series(String measurement, String contender, String quantity) {
  public Series {
    Objects.requireNonNull(measurement, "measurement");
    Objects.requireNonNull(contender, "contender");
    Objects.requireNonNull(quantity, "quantity");
  }
}
