package dev.segue.passage;

import dev.segue.canonical.CanonicalChange;
import dev.segue.spi.Applier.DeadLetterOutlet;
import dev.segue.spi.OffsetChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one transaction sends to the dead letters instead of the rows. */
public final class Diversion {
  private final Set<String> parked;
  private final Map<String, Parking> parkings = new HashMap<>();
  private final Set<String> released = new HashSet<>();
  private final List<Letter> letters = new ArrayList<>();

  /**
   * @param reason why the session was parked first
   * @param records how many of its records this transaction diverts
   */
  public record Parking(String reason, long records) {
    Parking more(Parking other) {
      return new Parking(reason, records + other.records);
    }
  }

  private record Letter(OffsetChange change, String reason) {}

  /**
   * @param parked the sessions that the ledger says are parked; {@link #settle} changes them
   */
  public Diversion(Set<String> parked) {
    this.parked = parked;
  }

  /** Whether changes of a session are kept apart at this point of the batch. */
  public boolean isParked(String session) {
    return (parked.contains(session) && !released.contains(session))
        || parkings.containsKey(session);
  }

  /** Takes a session off those that are parked. */
  public void release(String session) {
    parkings.remove(session);
    released.add(session);
  }

  /** Sends a change to the dead letters and parks its session. */
  public void divert(OffsetChange change, String reason) {
    parkings.merge(change.change().sessionId(), new Parking(reason, 1), Parking::more);
    if (!(change.change() instanceof CanonicalChange.Park)) {
      letters.add(new Letter(change, reason));
    }
  }

  /** Sends a change to the dead letters; its session goes on. */
  public void keep(OffsetChange change, String reason) {
    letters.add(new Letter(change, reason));
  }

  /** The sessions that this transaction parks, or parks more of. */
  public Map<String, Parking> parkings() {
    return Map.copyOf(parkings);
  }

  /** The sessions that it takes off those that are parked, before it parks any. */
  public Set<String> released() {
    return Set.copyOf(released);
  }

  /** Writes the letters durably. */
  public void send(DeadLetterOutlet deadLetters) {
    if (!letters.isEmpty()) {
      letters.forEach(letter -> deadLetters.put(letter.change(), letter.reason()));
      deadLetters.flush();
    }
  }

  /** The transaction is committed. */
  public void settle() {
    parked.removeAll(released);
    parked.addAll(parkings.keySet());
  }
}
