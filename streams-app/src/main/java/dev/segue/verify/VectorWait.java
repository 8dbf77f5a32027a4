package dev.segue.verify;

import dev.segue.spi.Embeddings;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sessions whose rows are the same on both sides, but whose texts may not have their vectors yet. A
 * vector comes a little later than its text, so it is waited for while any arrive.
 */
final class VectorWait {
  private static final long PAUSE_MILLIS = 300;

  /** So many sessions are written to at a time; more of them are a backlog. */
  private static final int FEW = 100;

  private final Terms terms;

  VectorWait(Terms terms) {
    this.terms = terms;
  }

  /** The same records; those that passed and are waiting are pending. */
  List<Parity> over(List<Parity> parities) throws InterruptedException {
    if (terms.embeddings().isEmpty()) {
      return parities;
    }
    Map<String, Embeddings.Waiting> waiting =
        patiently(
            parities.stream()
                .filter(parity -> parity.parityStatus() == Parity.Verdict.PASS)
                .map(Parity::sessionId)
                .toList());
    return parities.stream()
        .map(parity -> parity.waitingFor(waiting.get(parity.sessionId())))
        .toList();
  }

  /** Those among some sessions that go on waiting, and what for. */
  Map<String, Embeddings.Waiting> patiently(Collection<String> sessions)
      throws InterruptedException {
    Set<String> open = new HashSet<>(sessions);
    Map<String, Embeddings.Waiting> waiting = terms.waiting(open);
    boolean arriving = true;
    while (arriving && !waiting.isEmpty() && waiting.size() <= FEW) {
      Thread.sleep(PAUSE_MILLIS);
      open = waiting.keySet();
      Map<String, Embeddings.Waiting> now = terms.waiting(open);
      arriving = items(now) < items(waiting);
      waiting = now;
    }
    return waiting;
  }

  private static long items(Map<String, Embeddings.Waiting> waiting) {
    return waiting.values().stream().mapToLong(Embeddings.Waiting::items).sum();
  }
}
