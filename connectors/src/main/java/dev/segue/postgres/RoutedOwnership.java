package dev.segue.postgres;

import dev.segue.finding.Finding;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import dev.segue.spi.Ownership;
import dev.segue.spi.Removal;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * Who may write to a system that cannot refuse anybody: its writers ask for a session's route
 * before they write, and keep to it. Kept in the rows of the other side's own fence, so that both
 * sides always say the same. What a writer does who does not keep to its route is found by the
 * sink, and kept as dead letters.
 */
final class RoutedOwnership implements Ownership {
  private final String system;
  private final PostgresOwnership kept;
  private final ObjLongConsumer<String> marks;
  private final Duration grace;

  /**
   * @param system how messages name it
   * @param kept the other side's
   * @param marks writes a mark into the system's log: a nonce, and when it was sent
   * @param grace how long a writer may go on by a route that has changed
   */
  RoutedOwnership(
      String system, PostgresOwnership kept, ObjLongConsumer<String> marks, Duration grace) {
    this.system = system;
    this.kept = kept;
    this.marks = marks;
    this.grace = grace;
  }

  @Override
  public List<Finding> check() {
    return List.of(
        Finding.warning(
            system,
            "cannot refuse writers: in a cutover every writer has to ask for a session's route,"
                + " and to end what it writes by it within cutover.route-grace ("
                + grace.toMillis()
                + " ms)",
            "see docs/how-to/hand-over-a-redis.md"));
  }

  @Override
  public boolean isInstalled() {
    return kept.isInstalled();
  }

  @Override
  public void install(Duration patience, Consumer<String> progress) {
    kept.install(patience, progress);
  }

  @Override
  public Owners read() {
    return kept.read();
  }

  /** The barrier goes behind all that writers may still do by the routes they were told. */
  @Override
  public long fence(
      Slice slice, String nonce, Duration pause, Duration patience, Runnable announce) {
    long from = kept.close(slice, nonce, pause, patience);
    announce.run();
    try {
      Thread.sleep(grace.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("waiting for writers of " + system + " was interrupted", e);
    }
    marks.accept(nonce, System.currentTimeMillis());
    return from;
  }

  @Override
  public String fencing(String pause) {
    return "routes say that the sessions are changing hands, for at most "
        + pause
        + "; after "
        + grace.toMillis()
        + " ms for writers to end, a barrier into its log";
  }

  /**
   * Nobody waits for a seal who only reads routes: one that takes hold after the fence's time was
   * up comes too late, and counts as none.
   */
  @Override
  public boolean seal(String nonce) {
    return kept.sealInTime(nonce);
  }

  @Override
  public void lift(String nonce) {
    kept.lift(nonce);
  }

  @Override
  public Hold hold(Collection<String> sessions, Duration patience) {
    throw SystemFault.permanent(
        system + " cannot make writers wait", "its stream tells sessions once more instead");
  }

  /**
   * Of the two sides of a move the target comes first or last, and its rows are these: they are
   * written once, as each writing makes the target's own writers wait.
   */
  @Override
  public void give(Slice slice, Owner owner) {
    if (!kept.read().isGiven(slice, owner)) {
      kept.give(slice, owner);
    }
  }

  @Override
  public void reads(Set<Integer> slots, Owner where) {
    kept.reads(slots, where);
  }

  /** They are the other side's. */
  @Override
  public List<Removal> removals() {
    return List.of();
  }
}
