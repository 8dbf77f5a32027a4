package dev.segue.bench.report;

import java.util.Map;

/**
 * A goal and what was measured.
 *
 * @param rounds the figure of each round
 * @param held whether every round is within {@code must}
 * @param reached whether the median is within {@code aim}
 */
public record Ratio(
    String what,
    Goal.Bound bound,
    double must,
    double aim,
    Map<Integer, Double> rounds,
    Spread spread,
    boolean held,
    boolean reached) {
  public Ratio {
    rounds = Map.copyOf(rounds);
  }
}
