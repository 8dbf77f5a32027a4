package dev.segue.migration;

import dev.segue.cutover.MendOrder;
import dev.segue.cutover.Mending;
import dev.segue.http.Controls;
import dev.segue.job.JobDesk;
import dev.segue.mark.Barrier;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.replay.ChangedSessions;
import dev.segue.replay.Since;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Writes sessions anew on the side that does not own them, when a running migration is asked to.
 */
final class Mends implements Controls.Mend {
  private static final Duration TELLING = Duration.ofMinutes(5);

  private final BothWays ways;
  private final DeadLetterDesk letters;
  private final JobDesk desk;

  Mends(BothWays ways, DeadLetterDesk letters, JobDesk desk) {
    this.ways = ways;
    this.letters = letters;
    this.desk = desk;
  }

  @Override
  public String submit(String kind, MendOrder order, String requestedBy) {
    return desk.submit(
        kind, requestedBy, tell -> mend(order, kind.equals("replay"), requestedBy, tell));
  }

  /**
   * @param replay whether sessions of the target are left alone: their own writers are ahead
   */
  private Mending.Report mend(
      MendOrder order, boolean replay, String requestedBy, Consumer<String> tell)
      throws InterruptedException {
    ways.passToMend();
    Set<String> sessions = new TreeSet<>(sessions(order));
    Owners owners = ways.owners();
    if (replay) {
      int all = sessions.size();
      sessions.removeIf(session -> owners.ownerOf(session) == Owner.TARGET);
      if (sessions.size() < all) {
        tell.accept(all - sessions.size() + " sessions belong to the target and are left alone.");
      }
    }
    if (ways.systems().handsOver()) {
      ways.makeReady(tell);
    }
    Mending.Report report = new Mending.Report(0, Map.of(), 0);
    for (Owner owner : Owner.values()) {
      List<String> owned =
          sessions.stream().filter(session -> owners.ownerOf(session) == owner).toList();
      if (!owned.isEmpty()) {
        tell.accept(
            owned.size() + " sessions of the " + owner + " are written anew on the other side.");
        report = report.and(mend(owner, owned, tell));
      }
    }
    ways.systems()
        .target()
        .ledger()
        .note(
            "mended",
            report.mended()
                + " sessions written anew, "
                + report.refused().size()
                + " refused, asked for by "
                + requestedBy);
    return report;
  }

  private Mending.Report mend(Owner owner, List<String> sessions, Consumer<String> tell)
      throws InterruptedException {
    Flow flow = ways.from(owner).orElseThrow();
    Direction direction = flow.direction();
    if (direction.source().tellAnew(sessions)) {
      return told(flow, sessions);
    }
    if (!ways.systems().handsOver()) {
      ways.makeHoldable(tell);
    }
    Ledger.Migration migration = direction.target().ledger().find(direction.name()).orElseThrow();
    try (Sides sides = new Sides(ways, owner.other(), false)) {
      return new Mending(
              sides.losing(),
              sides.terms(),
              direction.target().mender(migration, direction.source().supplies()),
              ways.config().cutover().maxPause(),
              ways.lease()::check,
              flow::parkingChanged)
          .run(sessions, tell);
    }
  }

  /** The stream tells them once more, in its own order, so that nobody has to wait. */
  private static Mending.Report told(Flow flow, List<String> sessions) throws InterruptedException {
    Source source = flow.direction().source();
    Ledger ledger = flow.direction().target().ledger();
    if (!Barrier.raise(source, ledger).await(TELLING)) {
      throw SystemFault.passing(
          "what " + sessions.size() + " sessions hold did not arrive within " + TELLING, null);
    }
    // What is parked still, or again, was not told well.
    Map<String, String> refused =
        ledger.parked().stream()
            .filter(parked -> sessions.contains(parked.sessionId()))
            .collect(Collectors.toMap(Ledger.Parked::sessionId, Ledger.Parked::reason));
    return new Mending.Report(sessions.size() - refused.size(), refused, 0);
  }

  private Set<String> sessions(MendOrder order) {
    if (order.sessions() != null) {
      if (order.sessions().contains("")) {
        throw SystemFault.permanent(
            "rows that belong to no session cannot be written anew",
            "give them a session on the side that has them; then leave their letters behind:"
                + " segue dead-letters discard ''");
      }
      return new TreeSet<>(order.sessions());
    }
    if (Boolean.TRUE.equals(order.parked())) {
      return letters.parked().stream()
          .filter(parked -> parked.discarded().isEmpty())
          .map(Ledger.Parked::sessionId)
          .filter(session -> !session.isEmpty())
          .collect(Collectors.toCollection(TreeSet::new));
    }
    if (order.since() == null) {
      throw SystemFault.permanent(
          "nothing says which sessions are meant", "name one of: sessions, parked, since");
    }
    Flow there = ways.there();
    return new ChangedSessions(there.kafka(), there.topics(), ways.config().kafka().partitions())
        .since(Since.parse(order.since()))
        .orElseThrow(
            () ->
                SystemFault.permanent(
                    "a table of the source was emptied since "
                        + order.since()
                        + ", so that any session may have changed",
                    "segue verify --repair finds and mends those that differ"));
  }
}
