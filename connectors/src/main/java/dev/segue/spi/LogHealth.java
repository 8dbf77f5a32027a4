package dev.segue.spi;

import java.util.Objects;

/**
 * What the source keeps for us.
 *
 * @param name the slot
 * @param status the source's own word for its state, such as {@code reserved}
 * @param active whether somebody reads from it
 * @param retainedBytes log that the source cannot throw away because of us
 * @param confirmed how far the source may forget
 */
public record LogHealth(
    String name, String status, boolean active, long retainedBytes, String confirmed) {
  public LogHealth {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(confirmed, "confirmed");
  }
}
