package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.Ownership;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.status.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The two flows of a running migration, and who owns what between them.
 *
 * @param there from the source to the target
 * @param back from the target to the source, once a cutover has made it
 * @param lease says whether this process is still the one that runs the migration
 */
record BothWays(
    MigrationConfig config, Systems systems, Flow there, WayBack back, Target.Lease lease) {
  private static final Duration ARMING = Duration.ofSeconds(60);
  private static final Duration FENCING = Duration.ofSeconds(60);

  Ownership atSource() {
    return systems.atSource();
  }

  Ownership atTarget() {
    return systems.atTarget();
  }

  /** The target's word counts, for it learns of a cutover first; either side may be fenced. */
  Owners owners() {
    Owners target = atTarget().read();
    if (systems.routeGrace().isPresent()) {
      // Both sides say what the target says.
      return target;
    }
    Owners source = atSource().read();
    Set<Integer> moving = new HashSet<>(target.moving());
    moving.addAll(source.moving());
    Set<String> named = new HashSet<>(target.movingNamed());
    named.addAll(source.movingNamed());
    return new Owners(target.slots(), target.reads(), target.named(), moving, named);
  }

  /** The flow that brings what one side's writers write to the other, once there is one. */
  Optional<Flow> from(Owner owner) {
    return owner == Owner.SOURCE ? Optional.of(there) : back.flow();
  }

  /** For how long still both flows become quicker by themselves. */
  Duration warming() {
    return back.flow()
        .map(Flow::warming)
        .filter(time -> time.compareTo(there.warming()) > 0)
        .orElseGet(there::warming);
  }

  /** Makes whatever a move needs and is missing: the fence on both sides, and the way back. */
  void makeReady(Consumer<String> tell) throws InterruptedException {
    lease.check();
    boolean missing = false;
    for (Ownership side : List.of(atTarget(), atSource())) {
      if (!side.isInstalled()) {
        missing = true;
        side.install(FENCING, tell);
      }
    }
    if (missing) {
      tell.accept("Both sides know now who owns a session.");
    }
    back.arm(ARMING);
  }

  /** Makes the source able to have writers of a session wait, where nothing is ever moved. */
  void makeHoldable(Consumer<String> tell) {
    lease.check();
    if (!atSource().isInstalled()) {
      atSource().install(FENCING, tell);
    }
  }

  /**
   * Refuses while something is in the way of moving sessions to a side.
   *
   * @throws SystemFault that names all of it
   */
  void pass(Owner to) {
    refuse(inTheWay(to));
  }

  /**
   * Refuses while something is in the way of writing sessions anew: as for moving them, but for
   * what concerns giving them back.
   */
  void passToMend() {
    refuse(systems.handsOver() ? inTheWay(Owner.TARGET) : notCaughtUp(Owner.TARGET));
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

  /** What is in the way of moving sessions to a side. */
  List<Finding> inTheWay(Owner to) {
    List<Finding> open = new ArrayList<>(notCaughtUp(to));
    systems.stayTogether().ifPresent(open::add);
    if (from(to.other()).isPresent() && there.board().phase().equals("streaming")) {
      WayBack.check(systems, config.sink().members()).stream()
          .filter(Finding::isError)
          .forEach(open::add);
    }
    return open;
  }

  private List<Finding> notCaughtUp(Owner to) {
    String subject = "migration " + config.name();
    if (!there.board().phase().equals("streaming")) {
      return List.of(
          Finding.error(
              subject,
              "is in phase " + there.board().phase() + ": history is not copied yet",
              "wait until segue status says streaming"));
    }
    Optional<Flow> losing = from(to.other());
    if (losing.isEmpty() && back.lost().isPresent()) {
      SystemFault lost = back.lost().get();
      return List.of(Finding.error(subject, lost.getMessage(), lost.remedy()));
    }
    if (losing.isEmpty()) {
      return List.of(
          Finding.error(
              subject, "has no session at the target yet", "nothing has to be given back"));
    }
    List<Finding> open = new ArrayList<>();
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
    return open;
  }
}
