package dev.segue.verify;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.Embeddings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What is known of each session, until it is known whether it passes. */
final class Verdicts {
  /**
   * So many sessions are looked at together, unless they have more rows than memory should hold.
   */
  static final int TOGETHER = 1000;

  private static final long ROWS_TOGETHER = 40_000;

  /** What is taken for the size of a session that was not counted. */
  private static final long ROWS_OF_A_SESSION = 2000;

  private final Terms there;
  private final Optional<Terms> here;
  private final Verification.Options options;
  private final Consumer<Parity> record;
  private final Owners owners;
  private final Map<Owner, Map<String, Long>> suspects = new EnumMap<>(Owner.class);
  private final Map<String, Long> mayBeBroken = new LinkedHashMap<>();

  /** Sessions whose rows agree, with their digest, but whose texts may have no vectors yet. */
  private final Map<String, String> waiting = new LinkedHashMap<>();

  /**
   * @param there from the source to the target
   * @param here the other direction, if there is one
   * @param record takes each session's once it is settled
   */
  Verdicts(
      Terms there, Optional<Terms> here, Verification.Options options, Consumer<Parity> record) {
    this.there = there;
    this.here = here;
    this.options = options;
    this.record = record;
    this.owners = there.source().ownership().read();
  }

  /** Some sessions of which nothing is known yet. */
  void suspect(Collection<String> sessions) {
    Map<String, String> parked = parked();
    for (String session : sessions) {
      String reason = parked.get(session);
      if (reason == null) {
        suspect(session, ROWS_OF_A_SESSION);
      } else {
        refuse(session, reason);
      }
      mayBeBroken.put(session, ROWS_OF_A_SESSION);
    }
  }

  private void suspect(String session, long rows) {
    suspects
        .computeIfAbsent(owners.ownerOf(session), unused -> new LinkedHashMap<>())
        .put(session, rows);
  }

  private void refuse(String session, String reason) {
    record.accept(Parity.refused(session, "is parked: " + reason));
  }

  private Map<String, String> parked() {
    Map<String, String> parked = new HashMap<>();
    here.ifPresent(
        way -> way.ledger().parked().forEach(p -> parked.put(p.sessionId(), p.reason())));
    there.ledger().parked().forEach(p -> parked.put(p.sessionId(), p.reason()));
    return parked;
  }

  /**
   * All sessions, of which sums are known: who differs is a suspect.
   *
   * @param tallies by session, as the source or the target spells it
   * @param orphans takes sessions that have rows, but none of their own where both sides keep such
   */
  void judge(Map<String, Tally> tallies, Consumer<String> orphans) {
    Map<String, String> parked = parked();
    Set<String> mayWait =
        there.embeddings().map(Embeddings::sessionsWaiting).orElseGet(Map::of).keySet();
    tallies.forEach(
        (session, tally) -> {
          String id =
              tally.sourceId() == null ? there.holdings().sessionIdOf(session) : tally.sourceId();
          if (tally.isOrphaned()) {
            orphans.accept(id);
          }
          if (tally.isAnythingMissing()) {
            mayBeBroken.put(id, tally.rows());
          }
          String reason = parked.remove(id);
          if (reason != null) {
            refuse(id, reason);
          } else if (!tally.agrees()) {
            suspect(id, tally.rows());
          } else if (mayWait.contains(id) && owners.ownerOf(id) == Owner.SOURCE) {
            waiting.put(id, tally.digest());
          } else {
            record.accept(Parity.pass(id, tally.digest()));
          }
        });
    // What is parked and in neither side's tables, such as a message that names no session.
    parked.forEach(this::refuse);
  }

  /** How many sessions are to be looked at again. */
  long suspected() {
    return suspects.values().stream().mapToLong(Map::size).sum();
  }

  /** Sessions whose references may point at nothing, with about how many rows they have. */
  Map<String, Long> mayBeBroken() {
    return mayBeBroken;
  }

  /** Looks at suspects until it is known what they are, then waits for vectors. */
  void settle() throws InterruptedException {
    Map<String, Long> ofTarget = new LinkedHashMap<>(suspectsOf(Owner.TARGET));
    ofTarget.putAll(settled(recheck(there, here, suspectsOf(Owner.SOURCE)), Owner.SOURCE));
    Map<String, Long> open =
        here.isEmpty()
            ? ofTarget
            : settled(recheck(here.get(), Optional.of(there), ofTarget), Owner.TARGET);
    open.keySet()
        .forEach(
            session ->
                record.accept(
                    Parity.pending(session, "it changed hands meanwhile; verify once more")));
    awaitVectors();
  }

  private Map<String, Long> suspectsOf(Owner owner) {
    return suspects.getOrDefault(owner, Map.of());
  }

  private Map<Parity, Long> recheck(Terms terms, Optional<Terms> other, Map<String, Long> sessions)
      throws InterruptedException {
    Map<Parity, Long> results = new LinkedHashMap<>();
    Recheck recheck =
        new Recheck(terms, other, options.patience(), Recheck.PATIENTLY, options.showValues());
    for (List<String> some : batches(sessions)) {
      recheck.run(some).forEach(p -> results.put(p, sessions.get(p.sessionId())));
    }
    return results;
  }

  /** Hands records on; returns sessions that do not pass and have another owner by now. */
  private Map<String, Long> settled(Map<Parity, Long> results, Owner owner) {
    Map<String, Long> changedHands = new LinkedHashMap<>();
    Owners now = there.source().ownership().read();
    results.forEach(
        (parity, rows) -> {
          boolean passed = parity.parityStatus() == Parity.Verdict.PASS;
          if (passed || now.ownerOf(parity.sessionId()) == owner) {
            record.accept(parity);
          } else {
            changedHands.put(parity.sessionId(), rows);
          }
        });
    return changedHands;
  }

  /** Tells those that got their vectors meanwhile from those that did not. */
  private void awaitVectors() throws InterruptedException {
    Map<String, Embeddings.Waiting> still = new VectorWait(there).patiently(waiting.keySet());
    waiting.forEach(
        (session, digest) ->
            record.accept(Parity.pass(session, digest).waitingFor(still.get(session))));
  }

  /** Sessions with their rows, so many at a time that memory holds them. */
  private static List<List<String>> batches(Map<String, Long> sessions) {
    List<List<String>> batches = new ArrayList<>();
    long rows = 0;
    for (Map.Entry<String, Long> session : sessions.entrySet()) {
      boolean full = batches.isEmpty() || rows + session.getValue() > ROWS_TOGETHER;
      if (full || batches.get(batches.size() - 1).size() == TOGETHER) {
        batches.add(new ArrayList<>());
        rows = 0;
      }
      batches.get(batches.size() - 1).add(session.getKey());
      rows += session.getValue();
    }
    return batches;
  }
}
