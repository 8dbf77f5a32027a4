package dev.segue.verify;

import dev.segue.canonical.Entity;
import dev.segue.layout.UnmappableRowException;
import dev.segue.mark.Barrier;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells sessions that differ from sessions that are merely being written to.
 *
 * <p>The source's rows are read, then a barrier is raised; when it has passed, the target has all
 * that was read. Then the target's rows are read, then the source's once more. Where the source did
 * not change, the two must agree. A difference counts once it was found twice, so that a row which
 * changed and changed back in between is no false alarm.
 */
final class Recheck {
  private static final int MOST_ROUNDS = 40;

  private final Source source;
  private final Holdings holdings;
  private final Ledger ledger;
  private final int partitions;
  private final Duration wait;
  private final boolean showValues;
  private boolean stuck;

  /**
   * @param wait how long a barrier may take
   */
  Recheck(
      Source source,
      Holdings holdings,
      Ledger ledger,
      int partitions,
      Duration wait,
      boolean showValues) {
    this.source = source;
    this.holdings = holdings;
    this.ledger = ledger;
    this.partitions = partitions;
    this.wait = wait;
    this.showValues = showValues;
  }

  /** A difference that was found, and while the source was such. */
  private record Sighting(SessionRows source, List<Difference> differences) {}

  /**
   * @param sessions as the target spells them, with the source's names for them
   */
  List<Parity> run(Map<String, String> sessions) throws InterruptedException {
    Map<String, String> open = new LinkedHashMap<>(sessions);
    Map<String, Sighting> sightings = new HashMap<>();
    List<Parity> results = new ArrayList<>();
    for (int round = 1; !stuck && !open.isEmpty() && round <= MOST_ROUNDS; round++) {
      Map<String, SessionRows> before = expected(open);
      if (!Barrier.raise(source, ledger, partitions).await(wait)) {
        // Nor will it for the sessions that come after these.
        stuck = true;
        break;
      }
      Map<String, SessionRows> held = held(open);
      Map<String, SessionRows> after = expected(open);
      for (String session : List.copyOf(open.keySet())) {
        SessionRows rows = before.getOrDefault(session, new SessionRows());
        if (rows.equals(after.getOrDefault(session, new SessionRows()))) {
          SessionRows found = held.getOrDefault(session, new SessionRows());
          Sighting now = new Sighting(rows, rows.differencesOf(found, holdings, showValues));
          Optional<Parity> result = judge(open.get(session), now, sightings.put(session, now));
          if (result.isPresent()) {
            results.add(result.get());
            open.remove(session);
          }
        }
      }
    }
    return pending(
        open,
        results,
        stuck
            ? "the target did not come by within " + wait.toSeconds() + " s; does segue run work?"
            : "it is written to all the time");
  }

  /** Empty if the difference has to be seen again. */
  private static Optional<Parity> judge(String session, Sighting now, Sighting earlier) {
    if (!now.source().unmappable().isEmpty()) {
      String reasons = String.join("; ", now.source().unmappable());
      return Optional.of(Parity.refused(session, "cannot be mapped: " + reasons));
    }
    return now.differences().isEmpty() || now.equals(earlier)
        ? Optional.of(Parity.of(session, now.differences()))
        : Optional.empty();
  }

  private static List<Parity> pending(
      Map<String, String> open, List<Parity> results, String reason) {
    open.values().forEach(session -> results.add(Parity.pending(session, reason)));
    return results;
  }

  /** What the target should hold of them, as of now. */
  private Map<String, SessionRows> expected(Map<String, String> sessions) {
    Map<String, SessionRows> all = new HashMap<>();
    source.read(
        sessions.values(),
        new SnapshotReader.RowConsumer() {
          @Override
          public void accept(Entity entity) {
            try {
              holdings.expected(entity).ifPresent(row -> rows(row.session()).add(row));
            } catch (UnmappableRowException e) {
              reject(entity.sessionId(), e.getMessage());
            }
          }

          @Override
          public void reject(String sessionId, String reason) {
            rows(holdings.sessionText(sessionId)).unmappable(reason);
          }

          private SessionRows rows(String session) {
            return all.computeIfAbsent(session, unused -> new SessionRows());
          }
        });
    return all;
  }

  private Map<String, SessionRows> held(Map<String, String> sessions) {
    Map<String, SessionRows> all = new HashMap<>();
    holdings.read(
        sessions.keySet(),
        row -> all.computeIfAbsent(row.session(), unused -> new SessionRows()).add(row));
    return all;
  }
}
