package dev.segue.cutover;

import dev.segue.ownership.Owner;
import dev.segue.sink.AppliedSessions;
import dev.segue.spi.Ownership;
import dev.segue.verify.Terms;
import java.util.Objects;

/**
 * One of the two ways that ownership goes, and what moving a slice needs to know of both sides.
 *
 * @param to the side that gains sessions
 * @param terms how rows come from the losing side to the gaining one
 * @param other the opposite direction
 * @param applied the sessions that the sink of this direction changes
 * @param losing who may write to the side that has the sessions now
 * @param gaining who may write to the other
 */
public record Way(
    Owner to,
    Terms terms,
    Terms other,
    AppliedSessions applied,
    Ownership losing,
    Ownership gaining) {
  public Way {
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(terms, "terms");
    Objects.requireNonNull(other, "other");
    Objects.requireNonNull(applied, "applied");
    Objects.requireNonNull(losing, "losing");
    Objects.requireNonNull(gaining, "gaining");
  }
}
