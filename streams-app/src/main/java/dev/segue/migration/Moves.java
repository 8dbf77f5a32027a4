package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.cutover.MendOrder;
import dev.segue.cutover.Mending;
import dev.segue.cutover.MoveRecovery;
import dev.segue.cutover.MoveRequest;
import dev.segue.cutover.Mover;
import dev.segue.cutover.MovesReport;
import dev.segue.cutover.RouteBook;
import dev.segue.cutover.Selection;
import dev.segue.cutover.Way;
import dev.segue.deadletters.DeadLetter;
import dev.segue.deadletters.DeadLetterReader;
import dev.segue.finding.Finding;
import dev.segue.http.Controls;
import dev.segue.job.JobDesk;
import dev.segue.ownership.HashSlot;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.replay.ChangedSessions;
import dev.segue.replay.Since;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.MoveLog;
import dev.segue.spi.Ownership;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.status.Status;
import dev.segue.verify.Parity;
import dev.segue.verify.Recheck;
import dev.segue.verify.Terms;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Moves sessions between the two sides of a running migration when it is asked to. */
final class Moves implements Controls.Letters, AutoCloseable {
  private static final Duration ARMING = Duration.ofSeconds(60);
  private static final Duration WATCHING = Duration.ofSeconds(20);
  private static final Duration FENCING = Duration.ofSeconds(60);

  private final MigrationConfig config;
  private final Systems systems;
  private final Flow there;
  private final WayBack back;
  private final Target.Lease lease;
  private final Consumer<String> story;
  private final MoveLog log;
  private final JobDesk desk = new JobDesk(Clock.systemUTC());
  private final RouteBook routes;
  private final ParityWatch watch;

  Moves(
      MigrationConfig config,
      Systems systems,
      Flow there,
      WayBack back,
      Target.Lease lease,
      Consumer<String> story) {
    this.config = config;
    this.systems = systems;
    this.there = there;
    this.back = back;
    this.lease = lease;
    this.story = story;
    this.log = systems.target().moveLog(config.name());
    this.routes = new RouteBook(this::owners);
    this.watch = new ParityWatch(this::look, this::drifted);
  }

  /** Ends what an earlier process left in the middle, and begins to answer where sessions are. */
  void recover() {
    new MoveRecovery(log).run(atSource(), atTarget()).ifPresent(story);
    routes.start();
  }

  /** Begins to compare what is written to, if that is asked for. */
  void watch() {
    if (config.verifyContinuously()) {
      watch.start();
    }
  }

  /** Compares sessions that were written to. */
  private List<Parity> look() throws InterruptedException {
    if (!there.board().phase().equals("streaming")) {
      return List.of();
    }
    List<Parity> found = new ArrayList<>();
    Owners owners = owners();
    for (Owner owner : Owner.values()) {
      Optional<Flow> flow = owner == Owner.SOURCE ? Optional.of(there) : back.flow();
      if (flow.flatMap(Flow::watched).isPresent()) {
        List<String> sessions =
            ParityWatch.touched(flow.get().watched().get()).stream()
                .filter(session -> owners.ownerOf(session) == owner)
                .toList();
        if (!sessions.isEmpty()) {
          found.addAll(compare(owner, sessions));
        }
      }
    }
    // What changed hands meanwhile was compared on the way.
    Owners now = owners();
    return found.stream()
        .filter(parity -> now.ownerOf(parity.sessionId()) == owners.ownerOf(parity.sessionId()))
        .filter(parity -> !now.isMoving(parity.sessionId()))
        .toList();
  }

  private List<Parity> compare(Owner owner, List<String> sessions) throws InterruptedException {
    try (Sides sides = new Sides(owner.other(), true)) {
      Way way = sides.way();
      Optional<Terms> other = back.flow().map(unused -> way.other());
      return new Recheck(way.terms(), other, WATCHING, 2, false).run(sessions);
    }
  }

  /** Sessions were found to differ, though nobody writes behind our back, or so it should be. */
  private void drifted(List<Parity> differing) {
    Owners owners = owners();
    Map<String, String> atTarget = new TreeMap<>();
    for (Parity parity : differing) {
      String what =
          "session "
              + parity.sessionId()
              + " is not the same on both sides: "
              + (parity.reason() == null ? parity.differences().get(0) : parity.reason());
      story.accept("Parity: " + what);
      there.board().error("parity: " + what);
      if (owners.ownerOf(parity.sessionId()) == Owner.TARGET) {
        atTarget.put(parity.sessionId(), "is not the same on both sides");
      }
    }
    systems.target().ledger().note("drift", differing.size() + " sessions are not the same");
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

  RouteBook routes() {
    return routes;
  }

  JobDesk desk() {
    return desk;
  }

  private Ownership atSource() {
    return systems.source().ownership();
  }

  private Ownership atTarget() {
    return systems.back().source().ownership();
  }

  /** The target's word counts, for it learns of a cutover first; either side may be fenced. */
  private Owners owners() {
    Owners target = atTarget().read();
    Owners source = atSource().read();
    Set<Integer> moving = new HashSet<>(target.moving());
    moving.addAll(source.moving());
    Set<String> named = new HashSet<>(target.movingNamed());
    named.addAll(source.movingNamed());
    return new Owners(target.slots(), target.reads(), target.named(), moving, named);
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
    refuse(gate(request.to()));
    if (request.dryRun()) {
      try (Sides sides = new Sides(request.to(), true)) {
        return mover(sides.way()).preview(request);
      }
    }
    lease.check();
    new MoveRecovery(log).run(atSource(), atTarget()).ifPresent(both);
    both.accept("A " + request.name() + " of " + request.selection() + " begins.");
    install(both);
    back.arm(ARMING);
    List<String> numbers = systems.target().makeRoomForNumbers(config.name());
    numbers.forEach(line -> both.accept("On the target, " + line + "."));
    try (Sides sides = new Sides(request.to(), false)) {
      return mover(sides.way()).run(request, numbers, both);
    }
  }

  /** Takes a request to write sessions anew; returns the job's id. */
  String submit(String kind, MendOrder order, String requestedBy) {
    return desk.submit(
        kind, requestedBy, tell -> mend(order, kind.equals("replay"), requestedBy, tell));
  }

  /**
   * @param replay whether sessions of the target are left alone: their own writers are ahead
   */
  private Mending.Report mend(
      MendOrder order, boolean replay, String requestedBy, Consumer<String> tell)
      throws InterruptedException {
    refuse(gate(Owner.TARGET));
    lease.check();
    Set<String> sessions = new TreeSet<>(sessions(order));
    Owners owners = owners();
    if (replay) {
      int all = sessions.size();
      sessions.removeIf(session -> owners.ownerOf(session) == Owner.TARGET);
      if (sessions.size() < all) {
        tell.accept(all - sessions.size() + " sessions belong to the target and are left alone.");
      }
    }
    install(tell);
    back.arm(ARMING);
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
    systems
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
    boolean atHome = owner == Owner.SOURCE;
    Direction direction = atHome ? systems.there() : systems.back();
    Flow flow = atHome ? there : back.flow().orElseThrow();
    Ledger.Migration migration = direction.target().ledger().find(direction.name()).orElseThrow();
    try (Sides sides = new Sides(owner.other(), false)) {
      return new Mending(
              sides.way(),
              direction.target().mender(migration, direction.source().supplies()),
              config.cutover().maxPause(),
              lease::check,
              flow::parkingChanged)
          .run(sessions, tell);
    }
  }

  private Set<String> sessions(MendOrder order) {
    if (order.sessions() != null) {
      return new TreeSet<>(order.sessions());
    }
    if (Boolean.TRUE.equals(order.parked())) {
      return parked().stream()
          .filter(parked -> parked.discarded().isEmpty())
          .map(Ledger.Parked::sessionId)
          .collect(Collectors.toCollection(TreeSet::new));
    }
    if (order.since() == null) {
      throw SystemFault.permanent(
          "nothing says which sessions are meant", "name one of: sessions, parked, since");
    }
    return new ChangedSessions(there.kafka(), there.topics(), partitions())
        .since(Since.parse(order.since()));
  }

  private int partitions() {
    return config.kafka().partitions();
  }

  /** Sessions whose changes are kept as dead letters, on either way. */
  @Override
  public List<Ledger.Parked> parked() {
    List<Ledger.Parked> all = new ArrayList<>(systems.target().ledger().parked());
    back.flow().ifPresent(flow -> all.addAll(flow.direction().target().ledger().parked()));
    return all;
  }

  /** The dead letters of one session, of both ways. */
  @Override
  public List<DeadLetter> of(String session, boolean values) {
    List<DeadLetter> all =
        new ArrayList<>(
            new DeadLetterReader(there.kafka(), there.topics()).of(session, values, 1000));
    back.flow()
        .ifPresent(
            flow ->
                all.addAll(
                    new DeadLetterReader(flow.kafka(), flow.topics()).of(session, values, 1000)));
    return all;
  }

  /** Leaves a parked session behind on purpose. */
  @Override
  public boolean discard(String session, String reason, String requestedBy) {
    boolean onTheWay = systems.target().ledger().discard(session, reason, requestedBy);
    boolean home =
        back.flow()
            .map(flow -> flow.direction().target().ledger().discard(session, reason, requestedBy))
            .orElse(false);
    return onTheWay || home;
  }

  private Mover mover(Way way) {
    return new Mover(config, way, log, lease::check, routes::changed);
  }

  private void install(Consumer<String> tell) {
    for (Ownership side : List.of(atTarget(), atSource())) {
      if (!side.isInstalled()) {
        side.install(FENCING, tell);
      }
    }
    systems
        .target()
        .ledger()
        .find(config.name())
        .filter(migration -> !back.flow().isPresent())
        .ifPresent(unused -> tell.accept("Both sides know now who owns a session."));
  }

  /** What is in the way. */
  private List<Finding> gate(Owner to) {
    List<Finding> open = new ArrayList<>();
    String subject = "migration " + config.name();
    if (!there.board().phase().equals("streaming")) {
      open.add(
          Finding.error(
              subject,
              "is in phase " + there.board().phase() + ": history is not copied yet",
              "wait until segue status says streaming"));
      return open;
    }
    Optional<Flow> losing = to == Owner.TARGET ? Optional.of(there) : back.flow();
    if (losing.isEmpty()) {
      open.add(
          Finding.error(
              subject, "has no session at the target yet", "nothing has to be given back"));
      return open;
    }
    Status.Lag lag = losing.get().lag();
    if (lag.ms() < 0 || lag.ms() > config.cutover().maxLag().toMillis()) {
      open.add(
          Finding.error(
              subject,
              "lag is "
                  + (lag.ms() < 0 ? "not known" : lag.ms() + " ms")
                  + "; cutover.max-lag is "
                  + config.cutover().maxLag().toMillis()
                  + " ms",
              "wait until segue status shows less"));
    }
    WayBack.check(systems).stream().filter(Finding::isError).forEach(open::add);
    return open;
  }

  private static void refuse(List<Finding> open) {
    if (!open.isEmpty()) {
      throw SystemFault.permanent(
          open.stream()
              .map(finding -> finding.subject() + ": " + finding.message())
              .collect(Collectors.joining("; ")),
          open.stream()
              .map(Finding::remedy)
              .filter(remedy -> !remedy.isEmpty())
              .distinct()
              .collect(Collectors.joining("; ")));
    }
  }

  /** Both directions, opened to look at rows. */
  private final class Sides implements AutoCloseable {
    private final Owner to;
    private final Holdings target;
    private final Holdings source;

    /**
     * @param preview whether the way back may not be there yet
     */
    Sides(Owner to, boolean preview) {
      this.to = to;
      Direction forth = systems.there();
      Direction home = systems.back();
      Ledger.Migration begun = forth.target().ledger().find(config.name()).orElseThrow();
      Ledger.Migration armed =
          systems
              .armed()
              .or(() -> preview ? Optional.of(notYet(home)) : Optional.empty())
              .orElseThrow();
      this.target = forth.target().holdings(begun, forth.source().supplies());
      this.source = home.target().holdings(armed, home.source().supplies());
    }

    private Ledger.Migration notYet(Direction home) {
      return new Ledger.Migration(
          systems.identity(home),
          "",
          Instant.now().toString(),
          "new",
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    Way way() {
      int partitions = config.kafka().partitions();
      Terms forth = new Terms(systems.source(), target, systems.target().ledger(), partitions);
      Direction home = systems.back();
      Terms homeward = new Terms(home.source(), source, home.target().ledger(), partitions);
      return to == Owner.TARGET
          ? new Way(to, forth, homeward, there.applied(), atSource(), atTarget())
          : new Way(
              to, homeward, forth, back.flow().orElseThrow().applied(), atTarget(), atSource());
    }

    @Override
    public void close() {
      target.close();
      source.close();
    }
  }

  /** Who owns how much, for the status. */
  Status.Routing routing() {
    Owners owners = routes.page().owners();
    double share = 100.0 * owners.slotsOf(Owner.TARGET).size() / HashSlot.COUNT;
    Status.WayBack home =
        back.flow()
            .map(
                flow ->
                    new Status.WayBack(
                        flow.lag(),
                        flow.supervisor().failure().map(Throwable::getMessage).orElse(null),
                        flow.board().stages()))
            .orElse(null);
    return new Status.Routing(
        Math.round(share * 10) / 10.0,
        owners.named().size(),
        !owners.moving().isEmpty() || !owners.movingNamed().isEmpty(),
        home);
  }

  @Override
  public void close() {
    watch.close();
    desk.close();
    routes.close();
  }
}
