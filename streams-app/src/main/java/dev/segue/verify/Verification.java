package dev.segue.verify;

import dev.segue.canonical.Kind;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.Embeddings;
import dev.segue.spi.Holdings;
import dev.segue.spi.Ledger;
import dev.segue.spi.Source;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Compares a migration's two sides. */
public final class Verification {
  /**
   * So many sessions are looked at together, unless they have more rows than memory should hold.
   */
  private static final int TOGETHER = 1000;

  private static final long ROWS_TOGETHER = 40_000;

  /** What is taken for the size of a session that was not counted. */
  private static final long ROWS_OF_A_SESSION = 2000;

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
    return run(each, new ParityReport.Builder(migration), sides -> readAll(sides, progress));
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
        sides -> {
          Map<String, String> parked = sides.parked();
          for (String session : sessions) {
            String reason = parked.get(session);
            if (reason == null) {
              sides.suspect(session, ROWS_OF_A_SESSION);
            } else {
              sides.record.accept(Parity.refused(session, "is parked: " + reason));
            }
          }
          sessions.forEach(session -> sides.mayBeBroken.put(session, ROWS_OF_A_SESSION));
        });
  }

  private interface Pass {
    void over(Comparison sides) throws InterruptedException;
  }

  /** Both sides as they are compared, and what is not settled yet. */
  private final class Comparison implements AutoCloseable {
    private final Terms there;
    private final Optional<Terms> here;
    private final Owners owners = source.ownership().read();
    private final Map<Owner, Map<String, Long>> suspects = new EnumMap<>(Owner.class);
    private final Map<String, Long> mayBeBroken = new LinkedHashMap<>();

    /** Sessions whose rows agree, with their digest, but whose texts may have no vectors yet. */
    private final Map<String, String> waiting = new LinkedHashMap<>();

    private final ParityReport.Builder report;
    private final Consumer<Parity> record;
    private Optional<PassLog> log = Optional.empty();
    private long rows;

    Comparison(
        Terms there, Optional<Terms> here, ParityReport.Builder report, Consumer<Parity> record) {
      this.there = there;
      this.here = here;
      this.report = report;
      this.record = record;
    }

    void suspect(String session, long rows) {
      suspects
          .computeIfAbsent(owners.ownerOf(session), unused -> new LinkedHashMap<>())
          .put(session, rows);
    }

    long suspected() {
      return suspects.values().stream().mapToLong(Map::size).sum();
    }

    @Override
    public void close() {
      log.ifPresent(PassLog::close);
    }

    Map<String, String> parked() {
      Map<String, String> parked = new HashMap<>();
      here.ifPresent(
          way -> way.ledger().parked().forEach(p -> parked.put(p.sessionId(), p.reason())));
      there.ledger().parked().forEach(p -> parked.put(p.sessionId(), p.reason()));
      return parked;
    }
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
      try (Comparison sides = new Comparison(there, here, report, report.and(each))) {
        pass.over(sides);
        settle(sides);
        awaitVectors(sides);
        new BrokenSearch(source).run(sides.mayBeBroken, report::broken);
        sides.log.ifPresent(PassLog::finish);
        return report.build(sides.suspected(), System.nanoTime() - from);
      }
    }
  }

  /** Sums up all rows; sessions whose sums differ are suspects. */
  private void readAll(Comparison sides, Progress progress) throws InterruptedException {
    SummedTables summed = SummedTables.of(source, target);
    sides.log = log(sides.there.holdings(), summed, progress);
    sides
        .log
        .filter(log -> log.continued() > 0)
        .ifPresent(
            log -> {
              progress.story(
                  "A verification that began at "
                      + log.beganAt()
                      + " was interrupted; this one goes on behind the "
                      + log.continued()
                      + " pieces that were read.");
              sides.report.began(log.beganAt());
            });
    boolean readRows = options.readRows() || sides.log.filter(PassLog::readsRows).isPresent();
    Map<String, Tally> tallies = sumUp(sides, readRows ? SummedTables.none() : summed, progress);
    if (!readRows && !summed.isEmpty() && areTooManyDifferent(tallies)) {
      progress.story(
          "Many sessions do not read the same on both sides, so all rows are read and compared by"
              + " what they say.");
      sides.log.ifPresent(PassLog::beginReadingRows);
      tallies = sumUp(sides, SummedTables.none(), progress);
    }
    judge(sides, tallies);
    progress.story(
        String.format(
            Locale.ROOT,
            "%,d rows of %,d sessions read; %,d sessions are looked at again.",
            sides.rows,
            tallies.size(),
            sides.suspected()));
  }

  private Map<String, Tally> sumUp(Comparison sides, SummedTables summed, Progress progress)
      throws InterruptedException {
    FirstPass pass =
        new FirstPass(
            source,
            sides.there.holdings(),
            summed,
            options.parallelism(),
            options.maxRate(),
            sides.log);
    Map<String, Tally> tallies = pass.run(progress::rows);
    sides.rows = pass.rows();
    sides.report.rows(pass.rows());
    return tallies;
  }

  /** Whether it takes longer to look at each of the sessions that differ than to read all. */
  private static boolean areTooManyDifferent(Map<String, Tally> tallies) {
    long different = tallies.values().stream().filter(tally -> !tally.agrees()).count();
    return different > TOGETHER && different > tallies.size() / 10;
  }

  private Optional<PassLog> log(Holdings holdings, SummedTables summed, Progress progress) {
    if (options.log().isEmpty()) {
      return Optional.empty();
    }
    Ledger.Migration found = target.ledger().find(migration).orElseThrow();
    String identity =
        String.join(
            " ",
            found.id(),
            found.identity().source().fingerprint(),
            found.identity().target().fingerprint(),
            source.storage(),
            holdings.storage(),
            summed.identity());
    return PassLog.open(
        options.log().get(), identity, options.afresh(), options.readRows(), progress::story);
  }

  private void judge(Comparison sides, Map<String, Tally> tallies) {
    Map<String, String> parked = sides.parked();
    Set<String> waiting =
        sides.there.embeddings().map(Embeddings::sessionsWaiting).orElseGet(Map::of).keySet();
    boolean ofSessions = keepSessions();
    tallies.forEach(
        (session, tally) -> {
          String id =
              tally.sourceId() == null
                  ? sides.there.holdings().sessionIdOf(session)
                  : tally.sourceId();
          if (ofSessions && tally.isOrphaned()) {
            sides.report.orphan(id);
          }
          if (tally.isAnythingMissing()) {
            sides.mayBeBroken.put(id, tally.rows());
          }
          String reason = parked.remove(id);
          if (reason != null) {
            sides.record.accept(Parity.refused(id, "is parked: " + reason));
          } else if (tally.agrees()
              && waiting.contains(id)
              && sides.owners.ownerOf(id) == Owner.SOURCE) {
            sides.waiting.put(id, tally.digest());
          } else if (tally.agrees()) {
            sides.record.accept(Parity.pass(id, tally.digest()));
          } else {
            sides.suspect(id, tally.rows());
          }
        });
    // What is parked and in neither side's tables, such as a message that names no session.
    parked.forEach(
        (session, reason) -> sides.record.accept(Parity.refused(session, "is parked: " + reason)));
  }

  /** Whether both sides have rows for sessions themselves; where one has not, no row lacks its. */
  private boolean keepSessions() {
    return source.supplies().containsKey(Kind.SESSION)
        && target.binding().of(Kind.SESSION).isPresent();
  }

  /** Looks at suspects until it is known what they are. */
  private void settle(Comparison sides) throws InterruptedException {
    Map<String, Long> ofTarget =
        new LinkedHashMap<>(sides.suspects.getOrDefault(Owner.TARGET, Map.of()));
    ofTarget.putAll(
        settled(
            recheck(sides.there, sides.here, sides.suspects.getOrDefault(Owner.SOURCE, Map.of())),
            Owner.SOURCE,
            sides.record));
    Map<String, Long> open =
        sides.here.isEmpty()
            ? ofTarget
            : settled(
                recheck(sides.here.get(), Optional.of(sides.there), ofTarget),
                Owner.TARGET,
                sides.record);
    open.keySet()
        .forEach(
            session ->
                sides.record.accept(
                    Parity.pending(session, "it changed hands meanwhile; verify once more")));
  }

  /** Tells those that got their vectors meanwhile from those that did not. */
  private static void awaitVectors(Comparison sides) throws InterruptedException {
    Map<String, Embeddings.Waiting> still =
        new VectorWait(sides.there).patiently(sides.waiting.keySet());
    sides.waiting.forEach(
        (session, digest) ->
            sides.record.accept(Parity.pass(session, digest).waitingFor(still.get(session))));
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
