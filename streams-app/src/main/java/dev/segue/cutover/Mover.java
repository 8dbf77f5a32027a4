package dev.segue.cutover;

import dev.segue.config.MigrationConfig;
import dev.segue.mark.Barrier;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import dev.segue.spi.MoveLog;
import dev.segue.status.PauseMs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Does what was asked for: cuts it into slices, and moves one after the other. */
public final class Mover {
  private final MigrationConfig config;
  private final Way way;
  private final MoveLog log;
  private final Runnable mayGoOn;
  private final RouteBook routes;
  private final Duration warming;

  /**
   * @param mayGoOn throws if this process must not decide anything any more
   * @param routes is told whenever owners may have changed
   * @param warming so long still what brings changes over becomes quicker by itself
   */
  public Mover(
      MigrationConfig config,
      Way way,
      MoveLog log,
      Runnable mayGoOn,
      RouteBook routes,
      Duration warming) {
    this.config = config;
    this.way = way;
    this.log = log;
    this.mayGoOn = mayGoOn;
    this.routes = routes;
    this.warming = warming;
  }

  private Slices.Cut cut(MoveRequest request) throws InterruptedException {
    Busy busy = request.reads() ? Busy.NOBODY : Busy.look(way.applied());
    return new Slices(way, way.losing().read(), request.except(), busy).cut(request.selection());
  }

  /**
   * What would be done, without doing it.
   *
   * @param inTheWay what would keep it from being begun, each with what to do about it
   */
  public MovesReport preview(MoveRequest request, List<String> inTheWay)
      throws InterruptedException {
    Slices.Cut cut = cut(request);
    Preview preview =
        new Preview(new MovesReport.Gate(inTheWay.isEmpty(), inTheWay), steps(request, cut));
    return report(request, "dry run", null, cut, List.of(), List.of(), preview);
  }

  private record Preview(MovesReport.Gate gate, List<String> steps) {}

  /**
   * Moves what was asked for.
   *
   * @param numbers what was done to keep the numbers of both sides apart
   * @param story is told how it goes
   */
  public MovesReport run(MoveRequest request, List<String> numbers, Consumer<String> story)
      throws InterruptedException {
    if (!request.reads()) {
      // Who is busy shows only in a sink that is not behind; whether it ever comes by, a survey
      // tells.
      Barrier.raise(way.terms().source(), way.terms().ledger()).await(config.cutover().maxPause());
    }
    Slices.Cut cut = cut(request);
    if (cut.slices().isEmpty()) {
      return report(request, "nothing to do", null, cut, numbers, List.of(), null);
    }
    if (request.reads()) {
      return moveReads(request, cut, story);
    }
    Hooks hooks = new Hooks(config.cutover().hooks(), story);
    Map<String, String> variables =
        Map.of(
            "SEGUE_MIGRATION", config.name(),
            "SEGUE_MOVE", request.name(),
            "SEGUE_SELECTION", request.selection().toString(),
            "SEGUE_SESSIONS", Integer.toString(cut.sessions()));
    hooks.before(variables);
    List<MoveReport> done = new ArrayList<>();
    Pace pace = new Pace(config.cutover().maxPause(), warming);
    for (Slice slice : cut.slices()) {
      SliceStory told = new SliceStory(done.size() + 1, cut.slices().size(), story);
      MoveReport moved = move(slice, pace, request.requestedBy(), told);
      done.add(moved);
      told.end(moved);
      if (!moved.isDone()) {
        hooks.abort(variables);
        return report(request, "aborted", moved.reason(), cut, numbers, done, null);
      }
    }
    hooks.after(variables);
    return report(request, "done", null, cut, numbers, done, null);
  }

  private MoveReport move(Slice slice, Pace pace, String requestedBy, SliceStory story)
      throws InterruptedException {
    boolean parity = config.cutover().requireParity();
    SliceMove.Keeping keeping =
        new SliceMove.Keeping(
            config.cutover().maxPause(),
            pace,
            story,
            parity,
            requestedBy,
            mayGoOn,
            routes::announce,
            routes::changed);
    return new SliceMove(slice, way, log, keeping).run();
  }

  private MovesReport moveReads(MoveRequest request, Slices.Cut cut, Consumer<String> story) {
    Set<Integer> slots = new TreeSet<>();
    cut.slices().forEach(slice -> slots.addAll(slice.slots()));
    // Those who ask for routes are told what the target knows.
    (way.to() == Owner.TARGET ? way.gaining() : way.losing()).reads(slots, way.to());
    routes.changed();
    story.accept("Sessions of " + slots.size() + " hash slots may be read at the " + way.to());
    return report(request, "done", null, cut, List.of(), List.of(), null);
  }

  private List<String> steps(MoveRequest request, Slices.Cut cut) {
    List<String> steps = new ArrayList<>();
    String ms = config.cutover().maxPause().toMillis() + " ms";
    steps.add("make the triggers, the tables and the way back that segue plan names, if missing");
    int number = 1;
    for (Slice slice : cut.slices()) {
      steps.add(
          "slice " + number++ + ", " + slice + ": compare both sides while they are written to");
      steps.add("  on the " + way.to().other() + ": " + way.losing().fencing(ms));
      steps.add("  wait until the barrier has passed every partition");
      steps.add("  compare the sessions that were written to meanwhile");
      steps.add(
          "  on the "
              + way.to()
              + ", then on the "
              + way.to().other()
              + ": UPDATE segue.slot_owner SET owner = '"
              + way.to()
              + "' WHERE slot IN (…)");
    }
    if (request.reads()) {
      return List.of("on the " + way.to() + ": UPDATE segue.slot_owner SET reads = '…'");
    }
    return steps;
  }

  private MovesReport report(
      MoveRequest request,
      String outcome,
      String reason,
      Slices.Cut cut,
      List<String> numbers,
      List<MoveReport> slices,
      Preview preview) {
    Owners owners = way.gaining().read();
    Map<Owner, Double> owned = new EnumMap<>(Owner.class);
    for (Owner owner : Owner.values()) {
      owned.put(owner, owners.percentOf(owner));
    }
    List<MoveReport> moved = slices.stream().filter(MoveReport::isDone).toList();
    return new MovesReport(
        config.name(),
        request.name(),
        request.selection().toString(),
        outcome,
        reason,
        request.requestedBy(),
        preview == null ? moved.stream().mapToLong(MoveReport::sessions).sum() : cut.sessions(),
        PauseMs.of(slices.stream().mapToLong(MoveReport::pauseMs).filter(ms -> ms >= 0)),
        cut.kept(),
        numbers,
        slices,
        preview == null ? null : preview.gate(),
        preview == null ? null : preview.steps(),
        owned,
        next(request, outcome, owned));
  }

  private static List<String> next(MoveRequest request, String outcome, Map<Owner, Double> owned) {
    if (outcome.equals("aborted")) {
      return List.of("see what is in the way, then give the same command again");
    }
    if (request.to() == Owner.TARGET && owned.get(Owner.SOURCE) > 0) {
      return List.of("segue cutover --all", "segue rollback --all");
    }
    return request.to() == Owner.TARGET
        ? List.of("segue verify", "segue rollback --all", "segue complete")
        : List.of("segue cutover --slice …");
  }
}
