package dev.segue.openclaw;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Slice;
import dev.segue.spi.MoveLog;
import dev.segue.spi.SystemFault;
import java.util.List;
import java.util.Optional;

/**
 * The moves of slices. There are none: files cannot refuse writers of a session, so that nothing is
 * handed over one by one.
 */
final class StoreMoveLog implements MoveLog {
  private static SystemFault refusal() {
    return SystemFault.permanent(
        "sessions cannot be handed over one by one to files",
        "move the application as a whole: stop it, wait until segue status shows no lag, stop segue"
            + " run, segue complete, then start it on the target");
  }

  @Override
  public void begin(String id, Owner to, Slice slice, String requestedBy) {
    throw refusal();
  }

  @Override
  public boolean enter(String id, String from, String to, String detail) {
    throw refusal();
  }

  @Override
  public boolean end(String id, String from, String to, String detail, String report) {
    throw refusal();
  }

  @Override
  public Optional<Entry> open() {
    return Optional.empty();
  }

  @Override
  public List<Entry> last(int most) {
    return List.of();
  }
}
