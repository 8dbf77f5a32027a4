package dev.segue.spi;

import java.util.Objects;

/**
 * One thing of ours that is left in a system, and how it goes. Doing it twice is no harm.
 *
 * @param what the thing, as its owner would name it
 */
public record Removal(String what, Runnable step) {
  public Removal {
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(step, "step");
  }
}
