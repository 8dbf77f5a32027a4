package dev.segue.spi;

import java.time.Duration;
import java.util.Set;

/** Which sessions of a system are meant. */
public sealed interface SessionQuery {
  /** Those of some hash slots. */
  record InSlots(Set<Integer> slots) implements SessionQuery {
    public InSlots {
      slots = Set.copyOf(slots);
    }
  }

  /**
   * Those with a value.
   *
   * @param field of the canonical session, or a column of its table
   */
  record Where(String field, String value) implements SessionQuery {}

  /** Those that nobody wrote to for so long, by the times that their rows tell. */
  record IdleFor(Duration time) implements SessionQuery {}
}
