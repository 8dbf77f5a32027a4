package dev.segue.spi;

import java.util.Objects;

/** A text that is never printed and never logged. */
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The text itself; to be handed to a driver and nowhere else. */
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "***";
  }
}
