package dev.segue.verify;

import java.util.Objects;

/**
 * A row of the source that refers to another which is not there.
 *
 * @param row the row, by its kind and identity
 * @param missing what it refers to
 */
public record BrokenReference(String sessionId, String row, String missing) {
  public BrokenReference {
    Objects.requireNonNull(sessionId, "sessionId");
    Objects.requireNonNull(row, "row");
    Objects.requireNonNull(missing, "missing");
  }

  @Override
  public String toString() {
    return "session " + sessionId + ": " + row + " refers to " + missing + ", which is not there";
  }
}
