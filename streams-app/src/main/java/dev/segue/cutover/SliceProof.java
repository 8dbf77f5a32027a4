package dev.segue.cutover;

import dev.segue.mark.Barrier;
import dev.segue.ownership.Slice;
import dev.segue.sink.AppliedSessions;
import dev.segue.spi.Embeddings;
import dev.segue.spi.SessionQuery;
import dev.segue.verify.DigestSum;
import dev.segue.verify.Parity;
import dev.segue.verify.Parity.Verdict;
import dev.segue.verify.Recheck;
import dev.segue.verify.SideBySide;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Proves that a slice is the same on both sides. All of it is compared while it is written to; only
 * what was written to since has to be compared again once nobody can write.
 */
final class SliceProof implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Vectors of so few sessions are sure to come in time. */
  private static final int FEW_WAITING = 60;

  /** A session is looked at so often at first, so that what differs is seen twice. */
  private static final int LOOKS = 2;

  private static final int TOGETHER = 1000;

  private final Slice slice;
  private final Way way;
  private final boolean requireParity;
  private final Pace pace;
  private final SliceStory story;
  private AppliedSessions.Follower touched;
  private final Map<String, String> digests = new HashMap<>();
  private int sessions;
  private int still;

  /** Of the last look. */
  private Duration barrier = Duration.ZERO;

  private Duration eachSession = Duration.ZERO;

  /** Of a slice that moves, and what that has to keep to. */
  SliceProof(Slice slice, Way way, SliceMove.Keeping keeping) {
    this.slice = slice;
    this.way = way;
    this.requireParity = keeping.requireParity();
    this.pace = keeping.pace();
    this.story = keeping.story();
  }

  /** How many sessions of the slice there are. */
  int sessions() {
    return sessions;
  }

  /** How many of them were compared once more when nobody could write. */
  int still() {
    return still;
  }

  /**
   * Compares the sessions while they are written to.
   *
   * @return those to be compared once more
   * @throws HaltedException if one differs
   */
  Set<String> survey() throws InterruptedException {
    touched = way.applied().follow();
    Set<String> all = all();
    sessions = all.size();
    Set<String> open = requireParity ? look(all, LOOKS) : all;
    open = untilFew(open);
    if (requireParity) {
      refuseBacklog(all);
    }
    return open;
  }

  /**
   * Comparing all of it, and starting the way back, take processors from those who bring changes
   * over. Nobody's writers are kept waiting while these catch up, nor for more sessions to be
   * compared than can be soon; if it never gets better, the fence shows it.
   */
  private Set<String> untilFew(Set<String> found) throws InterruptedException {
    Pace.Waiting waiting = pace.begin();
    Set<String> open = found;
    while (true) {
      awaitFollowing(waiting, open);
      if (requireParity) {
        // Each look takes less time than the one before, so less is written meanwhile; to a point.
        open.addAll(touched());
        open = look(open, 1);
      }
      if (waiting.isOver() || (waiting.admits(barrier) && waiting.admits(comparing(open)))) {
        return open;
      }
      tell(waiting, comparing(open));
    }
  }

  /** How long it is likely to take. */
  private Duration comparing(Set<String> sessions) {
    return eachSession.multipliedBy(sessions.size());
  }

  private void tell(Pace.Waiting waiting, Duration comparing) {
    story.meanwhile(
        () ->
            String.format(
                Locale.ROOT,
                "writers are not refused yet; it would take them %d ms until all is brought to the"
                    + " %s and %d ms until it is compared, %d ms each are waited for",
                barrier.toMillis(),
                way.to(),
                comparing.toMillis(),
                waiting.longest().toMillis()));
  }

  private void awaitFollowing(Pace.Waiting waiting, Set<String> open) throws InterruptedException {
    while (true) {
      long raised = System.nanoTime();
      if (!Barrier.raise(way.terms().source(), way.terms().ledger()).await(PATIENCE)) {
        throw stuck();
      }
      barrier = Duration.ofNanos(System.nanoTime() - raised);
      if (waiting.admits(barrier) || waiting.isOver()) {
        return;
      }
      tell(waiting, comparing(open));
    }
  }

  /** Compares sessions that are written to; returns those to be compared once more. */
  private Set<String> look(Set<String> sessions, int rounds) throws InterruptedException {
    if (sessions.isEmpty()) {
      return touched();
    }
    Recheck recheck = new Recheck(way.terms(), Optional.of(way.other()), PATIENCE, rounds, false);
    Set<String> open = new HashSet<>();
    int compared = 0;
    for (List<String> some : batches(sessions)) {
      open.addAll(busy(remember(recheck.run(some))));
      compared += some.size();
      int sofar = compared;
      story.meanwhile(
          () ->
              String.format(
                  Locale.ROOT,
                  "%,d of %,d sessions compared while they are written to",
                  sofar,
                  sessions.size()));
    }
    if (recheck.isStuck()) {
      throw stuck();
    }
    barrier = recheck.waited();
    eachSession = recheck.read().dividedBy(sessions.size());
    open.addAll(touched());
    return open;
  }

  private HaltedException stuck() {
    return new HaltedException(
        "what was written did not get to the "
            + way.to()
            + " within "
            + PATIENCE.toSeconds()
            + " s; see what keeps it with: segue status");
  }

  /** Nobody's writers are kept waiting for vectors that are not going to come in time. */
  private void refuseBacklog(Set<String> all) {
    Map<String, Embeddings.Waiting> waiting =
        way.terms().embeddings().map(vectors -> vectors.sessionsWaiting(all)).orElseGet(Map::of);
    if (waiting.size() > FEW_WAITING
        || waiting.values().stream().anyMatch(session -> session.reason() != null)) {
      Map.Entry<String, Embeddings.Waiting> first =
          waiting.entrySet().stream()
              .filter(e -> e.getValue().reason() != null)
              .findFirst()
              .orElseGet(() -> waiting.entrySet().iterator().next());
      throw new HaltedException(
          waiting.size()
              + (waiting.size() == 1 ? " session has" : " sessions have")
              + " memory items without vectors, such as "
              + first.getKey()
              + ": "
              + first.getValue()
              + "; see how far it is with: segue status");
    }
  }

  /**
   * Compares what is left when nobody can write, and looks for what was parked.
   *
   * @param carried what the survey left
   * @param checkTime throws when writers have waited too long
   * @throws HaltedException if one differs or is parked
   */
  void prove(Set<String> carried, Runnable checkTime) {
    Set<String> open = new TreeSet<>(carried);
    open.addAll(touched());
    still = open.size();
    way.terms().ledger().parked().stream()
        .filter(parked -> slice.contains(parked.sessionId()))
        .findFirst()
        .ifPresent(
            parked -> {
              throw new HaltedException(
                  "session " + parked.sessionId() + " was parked: " + parked.reason());
            });
    if (requireParity) {
      SideBySide sides = new SideBySide(way.terms(), Optional.of(way.other()), false);
      for (List<String> some : batches(open)) {
        List<Parity> compared = sides.compare(some);
        // Behind a fence that has lifted, writers are ahead of the other side again.
        checkTime.run();
        refuse(remember(compared));
      }
    }
  }

  private List<Parity> remember(List<Parity> parities) {
    parities.stream()
        .filter(parity -> parity.digest() != null)
        .forEach(parity -> digests.put(parity.sessionId(), parity.digest()));
    return parities;
  }

  /** Of all sessions as they were last compared; null if they were not. */
  String digest() {
    if (digests.isEmpty()) {
      return null;
    }
    DigestSum sum = new DigestSum();
    digests.forEach((session, digest) -> sum.add(session + ' ' + digest));
    return sum.toString();
  }

  /** Those that either side has. */
  private Set<String> all() {
    Set<String> all = new TreeSet<>(slice.sessions());
    if (!slice.slots().isEmpty()) {
      SessionQuery query = new SessionQuery.InSlots(slice.slots());
      all.addAll(way.terms().source().find(query));
      all.addAll(way.other().source().find(query));
    }
    all.removeIf(session -> !slice.contains(session));
    return all;
  }

  private Set<String> touched() {
    Set<String> some = new HashSet<>();
    for (String session : touched.take()) {
      if (slice.contains(session)) {
        some.add(session);
      }
    }
    return some;
  }

  private static List<List<String>> batches(Collection<String> sessions) {
    List<String> all = List.copyOf(sessions);
    List<List<String>> batches = new ArrayList<>();
    for (int from = 0; from < all.size(); from += TOGETHER) {
      batches.add(all.subList(from, Math.min(all.size(), from + TOGETHER)));
    }
    return batches;
  }

  /** Those that are written to all the time: they are compared once nobody can. */
  private static List<String> busy(List<Parity> parities) {
    refuse(parities.stream().filter(p -> p.parityStatus() == Verdict.FAIL).toList());
    return parities.stream()
        .filter(p -> p.parityStatus() == Verdict.PENDING)
        .map(Parity::sessionId)
        .toList();
  }

  private static void refuse(List<Parity> parities) {
    List<Parity> notPassed =
        parities.stream().filter(parity -> parity.parityStatus() != Verdict.PASS).toList();
    if (!notPassed.isEmpty()) {
      Parity first = notPassed.get(0);
      throw new HaltedException(
          notPassed.size()
              + (notPassed.size() == 1 ? " session is" : " sessions are")
              + " not the same on both sides, such as "
              + first.sessionId()
              + ": "
              + (first.reason() == null ? first.differences().get(0) : first.reason())
              + "; see all with: segue verify");
    }
  }

  @Override
  public void close() {
    if (touched != null) {
      touched.close();
    }
  }
}
