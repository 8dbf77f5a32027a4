package dev.segue.spi;

import dev.segue.canonical.CanonicalChange;
import java.util.Objects;

/** A canonical change and where in the canonical topic it stands. */
public record OffsetChange(int partition, long offset, CanonicalChange change) {
  public OffsetChange {
    Objects.requireNonNull(change, "change");
  }
}
