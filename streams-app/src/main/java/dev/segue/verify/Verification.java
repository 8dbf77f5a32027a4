package dev.segue.verify;

import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  private final String migration;
  private final Options options;

  /**
   * How to compare.
   *
   * @param parallelism readers at a time
   * @param maxRate most rows a second that are read; 0 for as fast as can be
   * @param patience how long the target may take to catch up with what was read of the source
   * @param showValues whether differences tell the values
   */
  public record Options(int parallelism, long maxRate, Duration patience, boolean showValues) {}

  public Verification(Source source, Target target, String migration, Options options) {
    this.source = source;
    this.target = target;
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
    try (Holdings holdings = target.holdings(found, source.supplies())) {
      return run(found, holdings, progress, each);
    }
  }

  private ParityReport run(
      Ledger.Migration found, Holdings holdings, Progress progress, Consumer<Parity> each)
      throws InterruptedException {
    long from = System.nanoTime();
    Ledger ledger = target.ledger();
    FirstPass pass = new FirstPass(source, holdings, options.parallelism(), options.maxRate());
    LongConsumer rows = progress::rows;
    Map<String, Tally> tallies = pass.run(rows);
    ParityReport.Builder report = new ParityReport.Builder(migration);
    Consumer<Parity> record = report.and(each);
    Map<String, String> parked = new HashMap<>();
    ledger.parked().forEach(p -> parked.put(holdings.sessionText(p.sessionId()), p.reason()));
    Map<String, String> suspects = new LinkedHashMap<>();
    tallies.forEach(
        (session, tally) -> {
          String id = tally.sourceId() == null ? session : tally.sourceId();
          if (tally.isOrphaned()) {
            report.orphan(id);
          }
          String reason = parked.remove(session);
          if (reason != null) {
            record.accept(Parity.refused(id, "is parked: " + reason));
          } else if (tally.agrees()) {
            record.accept(Parity.pass(id));
          } else {
            suspects.put(session, id);
          }
        });
    // What is parked and in neither side's tables, such as a message that names no session.
    parked.forEach(
        (session, reason) -> record.accept(Parity.refused(session, "is parked: " + reason)));
    progress.story(
        String.format(
            Locale.ROOT,
            "%,d rows of %,d sessions read; %,d sessions are looked at again.",
            pass.rows(),
            tallies.size(),
            suspects.size()));
    Recheck recheck =
        new Recheck(
            source,
            holdings,
            ledger,
            found.identity().partitions(),
            options.patience(),
            options.showValues());
    for (Map<String, String> some : batches(suspects, tallies)) {
      recheck.run(some).forEach(record);
    }
    return report.build(pass.rows(), suspects.size(), System.nanoTime() - from);
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

  private static List<Map<String, String>> batches(
      Map<String, String> sessions, Map<String, Tally> tallies) {
    List<Map<String, String>> batches = new ArrayList<>();
    long rows = 0;
    for (Map.Entry<String, String> session : sessions.entrySet()) {
      long more = tallies.get(session.getKey()).rows();
      boolean full = batches.isEmpty() || rows + more > ROWS_TOGETHER;
      if (full || batches.get(batches.size() - 1).size() == TOGETHER) {
        batches.add(new LinkedHashMap<>());
        rows = 0;
      }
      batches.get(batches.size() - 1).put(session.getKey(), session.getValue());
      rows += more;
    }
    return batches;
  }
}
