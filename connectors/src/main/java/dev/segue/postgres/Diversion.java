package dev.segue.postgres;

import dev.segue.canonical.CanonicalChange;
import dev.segue.spi.Applier.DeadLetterOutlet;
import dev.segue.spi.OffsetChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What one transaction sends to the dead letters instead of the tables. */
final class Diversion {
  private final String migration;
  private final ParkedSessions parked;
  private final Map<String, Parking> parkings = new HashMap<>();
  private final Set<String> released = new HashSet<>();
  private final List<Letter> letters = new ArrayList<>();

  /**
   * @param reason why the session was parked first
   * @param records how many of its records this transaction diverts
   */
  private record Parking(String reason, long records) {
    Parking more(Parking other) {
      return new Parking(reason, records + other.records);
    }
  }

  private record Letter(OffsetChange change, String reason) {}

  Diversion(String migration, ParkedSessions parked) {
    this.migration = migration;
    this.parked = parked;
  }

  boolean isParked(String session) {
    return (parked.contains(session) && !released.contains(session))
        || parkings.containsKey(session);
  }

  /** Takes a session off those that are parked. */
  void release(String session) {
    parkings.remove(session);
    released.add(session);
  }

  /** Sends a change to the dead letters and parks its session. */
  void divert(OffsetChange change, String reason) {
    parkings.merge(change.change().sessionId(), new Parking(reason, 1), Parking::more);
    if (!(change.change() instanceof CanonicalChange.Park)) {
      letters.add(new Letter(change, reason));
    }
  }

  /** Sends a change to the dead letters; its session goes on. */
  void keep(OffsetChange change, String reason) {
    letters.add(new Letter(change, reason));
  }

  /** All sessions that are parked, by anyone. */
  Stream<String> sessions(Connection connection) throws SQLException {
    parked.load(connection);
    return Stream.concat(parked.stream(), parkings.keySet().stream());
  }

  /** Writes the sessions' rows, and the letters, durably. */
  void record(Connection connection, DeadLetterOutlet deadLetters) throws SQLException {
    if (!released.isEmpty()) {
      ParkedSessions.release(connection, migration, released);
    }
    for (Map.Entry<String, Parking> session : parkings.entrySet()) {
      Parking parking = session.getValue();
      ParkedSessions.park(
          connection, migration, session.getKey(), parking.reason(), parking.records());
    }
    if (!letters.isEmpty()) {
      letters.forEach(letter -> deadLetters.put(letter.change(), letter.reason()));
      deadLetters.flush();
    }
  }

  /** The transaction is committed. */
  void settle() {
    released.forEach(parked::remove);
    parkings.keySet().forEach(parked::add);
  }
}
