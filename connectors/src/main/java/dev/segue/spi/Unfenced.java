package dev.segue.spi;

import dev.segue.finding.Finding;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who may write to a system that has no fence: everybody. It cannot refuse writers of a session, so
 * that sessions cannot be handed over one by one.
 */
public final class Unfenced implements Ownership {
  private static final String AS_A_WHOLE =
      "move the application as a whole: stop it, wait until segue status shows no lag, stop"
          + " segue run, segue complete, then start it on the target";

  private final Finding refusal;

  private Unfenced(Finding refusal) {
    this.refusal = refusal;
  }

  /**
   * A system that sessions cannot be brought back to either.
   *
   * @param system how messages name it
   */
  public static Unfenced oneWay(String system) {
    return new Unfenced(
        Finding.error(
            system,
            "cannot refuse writers of a session, and nothing brings sessions back to it",
            AS_A_WHOLE));
  }

  /**
   * A system whose writers have not said that they keep to routes.
   *
   * @param system how messages name it
   */
  public static Unfenced untilRouted(String system) {
    return new Unfenced(
        Finding.error(
            system,
            "cannot refuse writers of a session",
            "have every writer ask for a session's route before it writes, then say so with"
                + " cutover.route-grace: docs/how-to/hand-over-a-redis.md; or "
                + AS_A_WHOLE));
  }

  @Override
  public List<Finding> check() {
    return List.of(refusal);
  }

  @Override
  public boolean isInstalled() {
    return false;
  }

  @Override
  public void install(Duration patience, Consumer<String> progress) {
    throw refused();
  }

  @Override
  public Owners read() {
    return Owners.allAtSource();
  }

  @Override
  public long fence(
      Slice slice, String nonce, Duration pause, Duration patience, Runnable announce) {
    throw refused();
  }

  @Override
  public String fencing(String pause) {
    return refusal.message();
  }

  @Override
  public boolean seal(String nonce) {
    throw refused();
  }

  @Override
  public void lift(String nonce) {
    // There is none.
  }

  @Override
  public void give(Slice slice, Owner owner) {
    throw refused();
  }

  @Override
  public void reads(Set<Integer> slots, Owner where) {
    throw refused();
  }

  private SystemFault refused() {
    return SystemFault.permanent(refusal.subject() + " " + refusal.message(), refusal.remedy());
  }

  @Override
  public Hold hold(Collection<String> sessions, Duration patience) {
    throw refused();
  }

  @Override
  public List<Removal> removals() {
    return List.of();
  }
}
