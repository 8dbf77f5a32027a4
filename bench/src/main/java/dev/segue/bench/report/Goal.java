package dev.segue.bench.report;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What Segue wants to reach, as a figure or as a ratio of two figures of the same round.
 *
 * @param what in words, with the unit
 * @param must without which it is not good enough
 * @param under what {@code over} is divided by; empty if the figure itself counts
 */
public record Goal(
    String what, Bound bound, double must, double aim, Series over, Optional<Series> under) {

  /** Which side of a limit is the good one. */
  public enum Bound {
    AT_LEAST("≥"),
    AT_MOST("≤");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }

    public String sign() {
      return sign;
    }

    boolean isKept(double value, double limit) {
      return this == AT_LEAST ? value >= limit : value <= limit;
    }
  }

  static Goal ratio(String what, Bound bound, double must, double aim, Series over, Series under) {
    return new Goal(what, bound, must, aim, over, Optional.of(under));
  }

  static Goal figure(String what, double must, double aim, Series of) {
    return new Goal(what, Bound.AT_MOST, must, aim, of, Optional.empty());
  }

  /**
   * Holds what was measured against it, round by round.
   *
   * @return empty if no round has all that it takes
   */
  Optional<Ratio> judge(Results results) {
    Map<Integer, Double> figures = new TreeMap<>(results.of(over));
    if (under.isPresent()) {
      Map<Integer, Double> divisors = results.of(under.get());
      figures.keySet().retainAll(divisors.keySet());
      figures.replaceAll((round, figure) -> figure / divisors.get(round));
    }
    if (figures.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Ratio(
            what,
            bound,
            must,
            aim,
            figures,
            Spread.of(figures.values()),
            figures.values().stream().allMatch(value -> bound.isKept(value, must)),
            bound.isKept(Spread.of(figures.values()).median(), aim)));
  }
}
