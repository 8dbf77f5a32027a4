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
  private final String system;

  /**
   * @param system how messages name it
   */
  public Unfenced(String system) {
    this.system = system;
  }

  @Override
  public List<Finding> check() {
    return List.of(
        Finding.error(
            system,
            "cannot refuse writers of a session, and nothing brings sessions back to it",
            "move the application as a whole: stop it, wait until segue status shows no lag, stop"
                + " segue run, segue complete, then start it on the target"));
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
  public long fence(Slice slice, String nonce, Duration pause, Duration patience) {
    throw refused();
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
    Finding finding = check().get(0);
    return SystemFault.permanent(finding.subject() + " " + finding.message(), finding.remedy());
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
