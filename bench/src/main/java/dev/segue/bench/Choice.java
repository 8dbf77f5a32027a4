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
  REDIS,
  ALL;

  /** What {@code all} leaves out: it has no goal, and takes a while. */
  private static final Set<Choice> BY_NAME_ONLY = EnumSet.of(REDIS, ALL);

  /** In the order in which they are measured, each once. */
  static Set<Choice> expand(List<Choice> asked) {
    Set<Choice> expanded = EnumSet.noneOf(Choice.class);
    expanded.addAll(asked);
    if (asked.isEmpty() || asked.contains(ALL)) {
      expanded.addAll(EnumSet.allOf(Choice.class));
      expanded.removeIf(choice -> BY_NAME_ONLY.contains(choice) && !asked.contains(choice));
    }
    expanded.remove(ALL);
    return expanded;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
