package dev.segue.verify;

import dev.segue.canonical.Kind;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares a migration's two sides. */
public final class Verification {
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
   * @param log a file to keep what was read in, so that a pass that is interrupted can be continued
   * @param afresh whether to begin anew even so
   * @param readRows whether to read all rows, also those that both systems can sum up themselves
   */
  public record Options(
      int parallelism,
      long maxRate,
      Duration patience,
      boolean showValues,
      Optional<Path> log,
      boolean afresh,
      boolean readRows) {

    /** As fast as can be, without values, from the beginning. */
    public static Options plain(int parallelism, Duration patience) {
      return new Options(parallelism, 0, patience, false, Optional.empty(), true, false);
    }
  }

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
    return run(
        each,
        new ParityReport.Builder(migration),
        (found, terms, verdicts, report) -> {
          try (AllRows all = AllRows.open(terms, target, found, options, progress)) {
            all.beganAt().ifPresent(report::began);
            Map<String, Tally> tallies = all.tallies();
            report.rows(all.rows());
            verdicts.judge(tallies, keepSessions() ? report::orphan : unused -> {});
            progress.story(
                String.format(
                    Locale.ROOT,
                    "%,d rows of %,d sessions read; %,d sessions are looked at again.",
                    all.rows(),
                    tallies.size(),
                    verdicts.suspected()));
            settle(verdicts, report);
            all.finish();
          }
        });
  }

  /**
   * Compares some sessions.
   *
   * @param since since when they are those that were written to, as the report is to say
   */
  public ParityReport run(Collection<String> sessions, String since, Consumer<Parity> each)
      throws InterruptedException {
    return run(
        each,
        new ParityReport.Builder(migration).since(since),
        (found, terms, verdicts, report) -> {
          verdicts.suspect(sessions);
          settle(verdicts, report);
        });
  }

  private interface Pass {
    void over(Ledger.Migration found, Terms terms, Verdicts verdicts, ParityReport.Builder report)
        throws InterruptedException;
  }

  private ParityReport run(Consumer<Parity> each, ParityReport.Builder report, Pass pass)
      throws InterruptedException {
    Ledger.Migration found = ready(target.ledger());
    long from = System.nanoTime();
    try (Holdings holdings = target.holdings(found, source.supplies());
        Holdings backHoldings =
            back.isEmpty()
                ? null
                : back.get()
                    .target()
                    .holdings(back.get().migration(), back.get().source().supplies())) {
      Terms there = new Terms(source, holdings, target.ledger(), target.embeddings());
      Optional<Terms> here =
          back.map(
              way ->
                  new Terms(way.source(), backHoldings, way.target().ledger(), Optional.empty()));
      Verdicts verdicts = new Verdicts(there, here, options, report.and(each));
      pass.over(found, there, verdicts, report);
      return report.build(verdicts.suspected(), System.nanoTime() - from);
    }
  }

  private void settle(Verdicts verdicts, ParityReport.Builder report) throws InterruptedException {
    verdicts.settle();
    new BrokenSearch(source).run(verdicts.mayBeBroken(), report::broken);
  }

  /** Whether both sides have rows for sessions themselves; where one has not, no row lacks its. */
  private boolean keepSessions() {
    return source.supplies().containsKey(Kind.SESSION)
        && target.binding().of(Kind.SESSION).isPresent();
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
}
