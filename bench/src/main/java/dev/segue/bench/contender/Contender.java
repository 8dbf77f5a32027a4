package dev.segue.bench.contender;

import java.util.Optional;

/** Somebody that a user may pick to bring rows from one database to another. */
public interface Contender {
  /** What the report calls it. */
  String name();

  /** Why it cannot take part here, in words for the report; empty if it can. */
  default Optional<String> absence() {
    return Optional.empty();
  }
}
