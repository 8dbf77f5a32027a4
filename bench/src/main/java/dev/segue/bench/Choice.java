package dev.segue.bench;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What may be asked to be measured, as the command line spells it. */
enum Choice {
  SNAPSHOT,
  CATCHUP,
  LATENCY,
  PAUSE,
  VERIFY,
  GROWTH,
  EXTREMES,
  STARTUP,
  ALL;

  /** In the order in which they are measured, each once. */
  static Set<Choice> expand(List<Choice> asked) {
    return asked.isEmpty() || asked.contains(ALL)
        ? EnumSet.complementOf(EnumSet.of(ALL))
        : EnumSet.copyOf(asked);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
