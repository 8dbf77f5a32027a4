package dev.segue.spi;

import java.util.Objects;

/**
 * Where history ends and the stream begins.
 *
 * @param log the log position, in the source's own notation
 * @param horizon what tells rows changed since from rows unchanged, in the source's own notation
 */
public record Cutoff(String log, String horizon) {
  public Cutoff {
    Objects.requireNonNull(log, "log");
    Objects.requireNonNull(horizon, "horizon");
  }
}
