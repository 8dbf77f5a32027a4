package dev.segue.spi;

import java.util.Objects;

/**
 * How far a batch brings a source's log.
 *
 * @param confirmable how far the source may forget, in its own log's numbers; 0 for not at all
 * @param history what else the source needs to go on from there, in its own notation
 */
public record Reach(long confirmable, String history) {
  public Reach {
    Objects.requireNonNull(history, "history");
  }

  /** For a source whose log has one history. */
  public static Reach of(long confirmable) {
    return new Reach(confirmable, "");
  }
}
