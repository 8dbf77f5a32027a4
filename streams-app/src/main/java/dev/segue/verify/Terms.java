package dev.segue.verify;

import dev.segue.spi.Embeddings;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One direction in which the two sides can be compared: what is read here, written as it would be
 * there, must be what is there.
 *
 * @param ledger says which barriers of this direction have passed
 * @param embeddings the vectors that rows do not bring; empty if they bring all
 */
public record Terms(
    Source source, Holdings holdings, Ledger ledger, Optional<Embeddings> embeddings) {
  public Terms {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(holdings, "holdings");
    Objects.requireNonNull(ledger, "ledger");
    Objects.requireNonNull(embeddings, "embeddings");
  }

  /** What sessions are waiting for that no row brings, by session. */
  Map<String, Embeddings.Waiting> waiting(Collection<String> sessions) {
    return embeddings.map(vectors -> vectors.sessionsWaiting(sessions)).orElseGet(Map::of);
  }
}
