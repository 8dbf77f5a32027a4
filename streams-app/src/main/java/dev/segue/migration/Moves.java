package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.cutover.MoveRecovery;
import dev.segue.cutover.MoveRequest;
import dev.segue.cutover.Mover;
import dev.segue.cutover.MovesReport;
import dev.segue.cutover.RouteBook;
import dev.segue.cutover.Selection;
import dev.segue.cutover.Way;
import dev.segue.job.JobDesk;
import dev.segue.mark.Barrier;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.replay.ChangedSessions;
import dev.segue.replay.Since;
import dev.segue.spi.MoveLog;
import dev.segue.spi.SystemFault;
import dev.segue.status.Status;
import dev.segue.verify.Parity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Moves sessions between the two sides of a running migration when it is asked to. */
final class Moves implements AutoCloseable {
  private static final Duration ARRIVING = Duration.ofSeconds(60);

  private final BothWays ways;
  private final MigrationConfig config;
  private final JobDesk desk;
  private final Consumer<String> story;
  private final MoveLog log;
  private final RouteBook routes;
  private final ParityWatch watch;

  Moves(BothWays ways, JobDesk desk, Consumer<String> story) {
    this.ways = ways;
    this.config = ways.config();
    this.desk = desk;
    this.story = story;
    this.log = ways.systems().target().moveLog(config.name());
    this.routes = new RouteBook(ways::owners, ways.systems().routeGrace());
    this.watch = new ParityWatch(new ParityLook(ways), this::drifted);
  }

  /** Ends what an earlier process left in the middle, and begins to answer where sessions are. */
  void recover() {
    new MoveRecovery(log).run(ways.atSource(), ways.atTarget()).ifPresent(story);
    routes.start();
  }

  /** Begins to compare what is written to, if that is asked for. */
  void watch() {
    if (config.verifyContinuously()) {
      watch.start();
    }
  }

  RouteBook routes() {
    return routes;
  }

  /** Takes a request; returns the job's id. */
  String submit(MoveRequest request) {
    return desk.submit(request.name(), request.requestedBy(), tell -> run(request, tell));
  }

  private MovesReport run(MoveRequest request, Consumer<String> tell) throws InterruptedException {
    Consumer<String> both =
        line -> {
          tell.accept(line);
          story.accept(line);
        };
    if (request.dryRun()) {
      return preview(request);
    }
    ways.pass(request.to());
    ways.lease().check();
    new MoveRecovery(log).run(ways.atSource(), ways.atTarget()).ifPresent(both);
    both.accept("A " + request.name() + " of " + request.selection() + " begins.");
    ways.makeReady(both);
    List<String> numbers = ways.systems().target().makeRoomForNumbers(config.name());
    numbers.forEach(line -> both.accept("On the target, " + line + "."));
    try (Sides sides = new Sides(ways, request.to(), false)) {
      return mover(sides.way()).run(request, numbers, both);
    }
  }

  private MovesReport preview(MoveRequest request) throws InterruptedException {
    List<String> inTheWay =
        ways.inTheWay(request.to()).stream()
            .map(
                finding ->
                    finding.subject()
                        + ": "
                        + finding.message()
                        + (finding.remedy().isEmpty() ? "" : "; fix: " + finding.remedy()))
            .toList();
    if (ways.systems().back().isEmpty()) {
      ways.pass(request.to());
    }
    try (Sides sides = new Sides(ways, request.to(), true)) {
      return mover(sides.way()).preview(request, inTheWay);
    }
  }

  private Mover mover(Way way) {
    return new Mover(config, way, log, ways.lease()::check, routes, ways.warming());
  }

  /** Sessions were found to differ, though nobody writes behind our back, or so it should be. */
  private void drifted(List<Parity> differing) {
    Owners owners = ways.owners();
    Map<String, String> atTarget = new TreeMap<>();
    for (Parity parity : differing) {
      String what =
          "session "
              + parity.sessionId()
              + " is not the same on both sides: "
              + (parity.reason() == null ? parity.differences().get(0) : parity.reason());
      story.accept("Parity: " + what);
      ways.there().board().error("parity: " + what);
      if (owners.ownerOf(parity.sessionId()) == Owner.TARGET) {
        atTarget.put(parity.sessionId(), "is not the same on both sides");
      }
    }
    ways.systems().target().ledger().note("drift", differing.size() + " sessions are not the same");
    if (!atTarget.isEmpty() && config.cutover().rollbackOnDrift()) {
      story.accept("cutover.rollback-on-drift: what is the same is given back to the source.");
      submit(
          new MoveRequest(
              Owner.SOURCE,
              Selection.everything(),
              false,
              false,
              "cutover.rollback-on-drift",
              atTarget));
    }
  }

  /**
   * The sessions that were written to since a moment, on either way, until now; empty if a table
   * was emptied, so that it may be any.
   */
  Optional<Set<String>> changedSince(Instant moment) throws InterruptedException {
    Set<String> sessions = new TreeSet<>();
    for (Owner owner : Owner.values()) {
      Optional<Flow> flow = ways.from(owner);
      if (flow.isPresent()) {
        Direction direction = flow.get().direction();
        if (!Barrier.raise(direction.source(), direction.target().ledger()).await(ARRIVING)) {
          throw SystemFault.permanent(
              "what was written until now did not arrive within " + ARRIVING.toSeconds() + " s",
              "wait until segue status shows less lag");
        }
        Optional<Set<String>> some =
            new ChangedSessions(
                    flow.get().kafka(), flow.get().topics(), config.kafka().partitions())
                .since(new Since.Time(moment));
        if (some.isEmpty()) {
          return some;
        }
        sessions.addAll(some.get());
      }
    }
    return Optional.of(sessions);
  }

  /** Who owns how much, for the status, without asking anybody. */
  Status.Routing routing(Optional<MoveLog.Entry> move) {
    Owners owners = routes.page().owners();
    Status.WayBack home =
        ways.back()
            .flow()
            .map(
                flow ->
                    new Status.WayBack(
                        flow.lag(),
                        flow.supervisor().failure().map(Throwable::getMessage).orElse(null),
                        flow.board().stages()))
            .orElse(null);
    return RoutingStatus.of(owners, move, home);
  }

  @Override
  public void close() {
    watch.close();
    routes.close();
  }
}
