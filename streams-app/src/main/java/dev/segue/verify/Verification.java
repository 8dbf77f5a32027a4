package dev.segue.verify;

import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Compares a migration's two sides. */
public final class Verification {
  /**
   * So many sessions are looked at together, unless they have more rows than memory should hold.
   */
  private static final int TOGETHER = 1000;

  private static final long ROWS_TOGETHER = 40_000;

  private final Source source;
  private final Target target;
  private final Optional<WayBack> back;
  private final String migration;
  private final Options options;

  /**
   * The other direction, once there is one.
   *
   * @param source the system that is moved into, read
   * @param target the system that is moved away from, written
   */
  public record WayBack(Source source, Target target, Ledger.Migration migration) {}

  /**
   * How to compare.
   *
   * @param parallelism readers at a time
   * @param maxRate most rows a second that are read; 0 for as fast as can be
   * @param patience how long the target may take to catch up with what was read of the source
   * @param showValues whether differences tell the values
   */
  public record Options(int parallelism, long maxRate, Duration patience, boolean showValues) {}

  public Verification(
      Source source, Target target, Optional<WayBack> back, String migration, Options options) {
    this.source = source;
    this.target = target;
    this.back = back;
    this.migration = migration;
    this.options = options;
  }

  /** Is told how it goes. */
  public interface Progress {
    void story(String line);

    /** How many rows were read so far. */
    void rows(long rows);
  }

  /**
   * Compares all sessions.
   *
   * @param each takes the record of every session
   */
  public ParityReport run(Progress progress, Consumer<Parity> each) throws InterruptedException {
    Ledger.Migration found = ready(target.ledger());
    Owners owners = source.ownership().read();
    try (Holdings holdings = target.holdings(found, source.supplies());
        Holdings backHoldings =
            back.isEmpty()
                ? null
                : back.get()
                    .target()
                    .holdings(back.get().migration(), back.get().source().supplies())) {
      Terms there = new Terms(source, holdings, target.ledger());
      Optional<Terms> here =
          back.map(way -> new Terms(way.source(), backHoldings, way.target().ledger()));
      return run(there, here, owners, progress, each);
    }
  }

  private ParityReport run(
      Terms there, Optional<Terms> here, Owners owners, Progress progress, Consumer<Parity> each)
      throws InterruptedException {
    long from = System.nanoTime();
    Holdings holdings = there.holdings();
    FirstPass pass = new FirstPass(source, holdings, options.parallelism(), options.maxRate());
    LongConsumer rows = progress::rows;
    Map<String, Tally> tallies = pass.run(rows);
    ParityReport.Builder report = new ParityReport.Builder(migration);
    Consumer<Parity> record = report.and(each);
    Map<String, String> parked = parked(there, here);
    Map<Owner, Map<String, Long>> suspects = new EnumMap<>(Owner.class);
    tallies.forEach(
        (session, tally) -> {
          String id = tally.sourceId() == null ? holdings.sessionIdOf(session) : tally.sourceId();
          if (tally.isOrphaned()) {
            report.orphan(id);
          }
          String reason = parked.remove(id);
          if (reason != null) {
            record.accept(Parity.refused(id, "is parked: " + reason));
          } else if (tally.agrees()) {
            record.accept(Parity.pass(id));
          } else {
            suspects
                .computeIfAbsent(owners.ownerOf(id), unused -> new LinkedHashMap<>())
                .put(id, tally.rows());
          }
        });
    // What is parked and in neither side's tables, such as a message that names no session.
    parked.forEach(
        (session, reason) -> record.accept(Parity.refused(session, "is parked: " + reason)));
    long again = suspects.values().stream().mapToLong(Map::size).sum();
    progress.story(
        String.format(
            Locale.ROOT,
            "%,d rows of %,d sessions read; %,d sessions are looked at again.",
            pass.rows(),
            tallies.size(),
            again));
    Map<String, Long> ofTarget = new LinkedHashMap<>(suspects.getOrDefault(Owner.TARGET, Map.of()));
    ofTarget.putAll(
        settled(
            recheck(there, here, suspects.getOrDefault(Owner.SOURCE, Map.of())),
            Owner.SOURCE,
            record));
    Map<String, Long> open =
        here.isEmpty()
            ? ofTarget
            : settled(recheck(here.get(), Optional.of(there), ofTarget), Owner.TARGET, record);
    open.keySet()
        .forEach(
            session ->
                record.accept(
                    Parity.pending(session, "it changed hands meanwhile; verify once more")));
    return report.build(pass.rows(), again, System.nanoTime() - from);
  }

  /** Hands records on; returns sessions that do not pass and have another owner by now. */
  private Map<String, Long> settled(
      Map<Parity, Long> results, Owner owner, Consumer<Parity> record) {
    Map<String, Long> changedHands = new LinkedHashMap<>();
    Owners now = source.ownership().read();
    results.forEach(
        (parity, rows) -> {
          boolean passed = parity.parityStatus() == Parity.Verdict.PASS;
          if (passed || now.ownerOf(parity.sessionId()) == owner) {
            record.accept(parity);
          } else {
            changedHands.put(parity.sessionId(), rows);
          }
        });
    return changedHands;
  }

  private Map<Parity, Long> recheck(Terms terms, Optional<Terms> other, Map<String, Long> suspects)
      throws InterruptedException {
    Map<Parity, Long> results = new LinkedHashMap<>();
    Recheck recheck =
        new Recheck(terms, other, options.patience(), Recheck.PATIENTLY, options.showValues());
    for (List<String> some : batches(suspects)) {
      recheck.run(some).forEach(p -> results.put(p, suspects.get(p.sessionId())));
    }
    return results;
  }

  private static Map<String, String> parked(Terms there, Optional<Terms> here) {
    Map<String, String> parked = new HashMap<>();
    here.ifPresent(
        way -> way.ledger().parked().forEach(p -> parked.put(p.sessionId(), p.reason())));
    there.ledger().parked().forEach(p -> parked.put(p.sessionId(), p.reason()));
    return parked;
  }

  private Ledger.Migration ready(Ledger ledger) {
    Ledger.Migration found =
        ledger
            .find(migration)
            .orElseThrow(
                () ->
                    SystemFault.permanent(
                        "migration '"
                            + migration
                            + "' has never run, so there is nothing to verify",
                        "start it with: segue run"));
    if (!found.phase().equals("streaming")) {
      throw SystemFault.permanent(
          "migration '"
              + migration
              + "' is in phase "
              + found.phase()
              + "; history is not copied yet",
          "wait until segue status says streaming");
    }
    return found;
  }

  /** Sessions with their rows, so many at a time that memory holds them. */
  private static List<List<String>> batches(Map<String, Long> sessions) {
    List<List<String>> batches = new ArrayList<>();
    long rows = 0;
    for (Map.Entry<String, Long> session : sessions.entrySet()) {
      boolean full = batches.isEmpty() || rows + session.getValue() > ROWS_TOGETHER;
      if (full || batches.get(batches.size() - 1).size() == TOGETHER) {
        batches.add(new ArrayList<>());
        rows = 0;
      }
      batches.get(batches.size() - 1).add(session.getKey());
      rows += session.getValue();
    }
    return batches;
  }
}
