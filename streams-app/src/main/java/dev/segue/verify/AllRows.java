package dev.segue.verify;

import dev.segue.spi.Ledger;
import dev.segue.spi.Target;
import java.util.Map;
import java.util.Optional;

/**
 * Sums up all rows of both sides by session. A pass that was interrupted is continued, unless that
 * is not wished.
 */
final class AllRows implements AutoCloseable {
  private final Terms terms;
  private final Verification.Options options;
  private final Verification.Progress progress;
  private final SummedTables summed;
  private final Optional<PassLog> log;
  private long rows;

  private AllRows(
      Terms terms,
      Verification.Options options,
      Verification.Progress progress,
      SummedTables summed,
      Optional<PassLog> log) {
    this.terms = terms;
    this.options = options;
    this.progress = progress;
    this.summed = summed;
    this.log = log;
  }

  /** Of the source's and the target's rows, as the migration binds them. */
  static AllRows open(
      Terms terms,
      Target target,
      Ledger.Migration migration,
      Verification.Options options,
      Verification.Progress progress) {
    SummedTables summed = SummedTables.of(terms.source(), target);
    return new AllRows(
        terms,
        options,
        progress,
        summed,
        options
            .log()
            .flatMap(
                file ->
                    PassLog.open(
                        file,
                        identity(terms, migration, summed),
                        options.afresh(),
                        options.readRows(),
                        progress::story)));
  }

  private static String identity(Terms terms, Ledger.Migration migration, SummedTables summed) {
    return String.join(
        " ",
        migration.id(),
        migration.identity().source().fingerprint(),
        migration.identity().target().fingerprint(),
        terms.source().storage(),
        terms.holdings().storage(),
        summed.identity());
  }

  /** When the pass began that this one continues; empty if it begins itself. */
  Optional<String> beganAt() {
    return log.filter(pass -> pass.continued() > 0).map(PassLog::beganAt);
  }

  /** The sums by session, as the source or the target spells it. */
  Map<String, Tally> tallies() throws InterruptedException {
    log.filter(pass -> pass.continued() > 0)
        .ifPresent(
            pass ->
                progress.story(
                    "A verification that began at "
                        + pass.beganAt()
                        + " was interrupted; this one goes on behind the "
                        + pass.continued()
                        + " pieces that were read."));
    boolean readRows = options.readRows() || log.filter(PassLog::readsRows).isPresent();
    Map<String, Tally> tallies = sumUp(readRows ? SummedTables.none() : summed);
    if (!readRows && !summed.isEmpty() && areTooManyDifferent(tallies)) {
      progress.story(
          "Many sessions do not read the same on both sides, so all rows are read and compared by"
              + " what they say.");
      log.ifPresent(PassLog::beginReadingRows);
      tallies = sumUp(SummedTables.none());
    }
    return tallies;
  }

  private Map<String, Tally> sumUp(SummedTables some) throws InterruptedException {
    FirstPass pass =
        new FirstPass(
            terms.source(), terms.holdings(), some, options.parallelism(), options.maxRate(), log);
    Map<String, Tally> tallies = pass.run(progress::rows);
    rows = pass.rows();
    return tallies;
  }

  /** Whether it takes longer to look at each of the sessions that differ than to read all. */
  private static boolean areTooManyDifferent(Map<String, Tally> tallies) {
    long different = tallies.values().stream().filter(tally -> !tally.agrees()).count();
    return different > Verdicts.TOGETHER && different > tallies.size() / 10;
  }

  /** How many rows were read, by whoever summed them up. */
  long rows() {
    return rows;
  }

  /** There is nothing left that another pass could continue. */
  void finish() {
    log.ifPresent(PassLog::finish);
  }

  @Override
  public void close() {
    log.ifPresent(PassLog::close);
  }
}
