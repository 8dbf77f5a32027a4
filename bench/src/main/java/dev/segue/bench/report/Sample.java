package dev.segue.bench.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/** One figure of one round. */
public record Sample(@JsonUnwrapped Series series, int round, double value) {
  public Sample {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("no figure for " + series + ": " + value);
    }
  }
}
