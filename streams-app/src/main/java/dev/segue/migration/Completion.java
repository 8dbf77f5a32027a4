package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.TopicAdmin;
import dev.segue.kafka.Topics;
import dev.segue.ownership.HashSlot;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.AppliedState;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.Ledger;
import dev.segue.spi.MoveLog;
import dev.segue.spi.Removal;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.verify.Parity.Verdict;
import dev.segue.verify.ParityReport;
import dev.segue.verify.Verification;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Ends a migration: sees that nothing is open, then removes everything of ours from both systems
 * and from Kafka. What was interrupted goes on when the command is given again.
 */
public final class Completion {
  private static final String COMPLETING = "completing";
  private static final String ABANDONING = "abandoning";

  /** The phases from which there is no way back. */
  static final Set<String> PHASES = Set.of(COMPLETING, ABANDONING);

  private final MigrationConfig config;
  private final Systems systems;
  private final Ledger.Migration migration;

  private Completion(MigrationConfig config, Systems systems, Ledger.Migration migration) {
    this.config = config;
    this.systems = systems;
    this.migration = migration;
  }

  /**
   * What is left of a migration that has ended.
   *
   * @param parity how the two sides compared at the end; null if the migration was abandoned, or if
   *     every session was moved, and compared when it was
   * @param moves of sessions between the sides, newest first
   * @param applied how far each partition was
   * @param removed what was removed, in this order
   */
  public record Report(
      String migration,
      String outcome,
      String source,
      String target,
      String sourceLayout,
      String targetLayout,
      String startedAt,
      String endedAt,
      String cutoff,
      ParityReport parity,
      List<MoveLog.Entry> moves,
      List<AppliedState> applied,
      List<Ledger.Parked> parked,
      List<String> journal,
      List<String> removed) {}

  /**
   * Names what would be removed; changes nothing.
   *
   * @throws SystemFault if the migration never ran
   */
  public static List<String> preview(MigrationConfig config) {
    try (Systems systems = Systems.connect(config)) {
      return open(config, systems).removals().stream().map(Removal::what).toList();
    }
  }

  /**
   * Ends the migration.
   *
   * @param abandoned whether it is given up, so that nothing has to be complete
   * @param saved takes the report before anything is removed
   * @param story is told what is done
   * @throws BlockedException if something is open; nothing was removed then
   */
  public static Report run(
      MigrationConfig config, boolean abandoned, Consumer<Report> saved, Consumer<String> story)
      throws InterruptedException {
    try (RunFile runFile = RunFile.take(config.name(), config.dataDir());
        Systems systems = Systems.connect(config)) {
      Completion completion = open(config, systems);
      try (Target.Lease lease = systems.target().lease(config.name(), false)) {
        return completion.end(abandoned, lease, saved, story);
      }
    }
  }

  private static Completion open(MigrationConfig config, Systems systems) {
    Ledger.Migration found =
        systems
            .target()
            .ledger()
            .find(config.name())
            .orElseThrow(
                () ->
                    SystemFault.permanent(
                        "migration '"
                            + config.name()
                            + "' is not in the ledger of "
                            + systems.target().describe()
                            + ": it never ran, or was completed",
                        "see what is there: segue plan"));
    return new Completion(config, systems, found);
  }

  private Report end(
      boolean abandoned, Target.Lease lease, Consumer<Report> saved, Consumer<String> story)
      throws InterruptedException {
    Ledger ledger = systems.target().ledger();
    checkSource();
    boolean resumed = PHASES.contains(migration.phase());
    boolean givenUp = resumed ? migration.phase().equals(ABANDONING) : abandoned;
    ParityReport parity = null;
    if (!givenUp && !resumed) {
      parity = checkNothingIsOpen(ledger, story);
    }
    List<Removal> removals = removals();
    Report report =
        new Report(
            config.name(),
            givenUp ? "abandoned" : "completed",
            systems.source().describe(),
            systems.target().describe(),
            migration.identity().source().layout(),
            migration.identity().target().layout(),
            migration.startedAt(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            migration.cutoff().map(cutoff -> cutoff.log()).orElse(null),
            parity,
            systems.target().moveLog(config.name()).last(1000),
            ledger.applied(),
            ledger.parked(),
            ledger.journal(1000),
            removals.stream().map(Removal::what).toList());
    lease.check();
    if (!resumed) {
      // What was interrupted has written its report already, and knew more.
      saved.accept(report);
      ledger.enter(givenUp ? ABANDONING : COMPLETING, givenUp ? "given up" : "everything is moved");
    }
    for (Removal removal : removals) {
      lease.check();
      removal.step().run();
      story.accept("Removed " + removal.what() + ".");
    }
    return report;
  }

  /** What is to be removed is where the migration was begun, and nowhere else. */
  private void checkSource() {
    String begun = migration.identity().sourceIdentity();
    String now = systems.source().identity();
    if (!begun.equals(now)) {
      throw SystemFault.permanent(
          "migration '"
              + config.name()
              + "' was begun on database "
              + begun
              + ", but "
              + systems.source().describe()
              + " is "
              + now,
          "put the source that it was begun with into migration.yaml");
    }
  }

  /** Throws unless the target holds everything that the source has. */
  private ParityReport checkNothingIsOpen(Ledger ledger, Consumer<String> story)
      throws InterruptedException {
    List<Finding> open = new ArrayList<>();
    String subject = "migration " + config.name();
    systems.identity(systems.there()).differenceFrom(migration.identity()).ifPresent(open::add);
    if (!migration.phase().equals("streaming")) {
      open.add(
          Finding.error(
              subject,
              "is in phase " + migration.phase() + ": history is not copied yet",
              "segue run; or give it up: segue complete --abandon"));
    }
    for (DeferredIndexes.Index index : systems.target().deferredIndexes().missing()) {
      open.add(
          Finding.error(
              systems.target().describe() + " " + index,
              "was taken away while history was copied, and is not built again",
              "segue run builds it, or says why it cannot"));
    }
    List<Ledger.Parked> parked = new ArrayList<>(ledger.parked());
    systems.back().ifPresent(way -> parked.addAll(way.target().ledger().parked()));
    parked.removeIf(session -> !session.discarded().isEmpty());
    if (!parked.isEmpty()) {
      open.add(
          Finding.error(
              subject,
              parked.size() + " sessions are parked and not in the target as they are",
              "segue run, then segue dead-letters list, and retry or discard them; or give up: segue"
                  + " complete --abandon"));
    }
    Owners owners = systems.atTarget().read();
    boolean moved = owners.isAllAt(Owner.TARGET);
    if (!moved && !owners.isAllAt(Owner.SOURCE)) {
      open.add(
          Finding.error(
              subject,
              "is in the middle: "
                  + owners.slotsOf(Owner.SOURCE).size()
                  + " of "
                  + HashSlot.COUNT
                  + " hash slots and "
                  + owners.namedOf(Owner.SOURCE).size()
                  + " sessions by name belong to the source",
              "segue cutover --all; or segue rollback --all; or give it up: segue complete"
                  + " --abandon"));
    }
    systems
        .target()
        .moveLog(config.name())
        .open()
        .ifPresent(
            move ->
                open.add(
                    Finding.error(
                        subject,
                        "move " + move.id() + " has not ended: it is " + move.state(),
                        "segue run brings it to an end")));
    refuse(open);
    if (moved) {
      story.accept("Every session belongs to the target.");
      // Each session was compared when it was given over; since then only the target has changed.
      return null;
    }
    story.accept("Comparing both sides once more.");
    ParityReport parity =
        new Verification(
                systems.source(),
                systems.target(),
                systems.verifiableBack(),
                config.name(),
                Verification.Options.plain(config.snapshot().parallelism(), Duration.ZERO))
            .run(new QuietProgress(story), unused -> {});
    if (parity.result() != Verdict.PASS) {
      open.add(
          Finding.error(
              subject,
              parity.sessions().total()
                  - parity.sessions().pass()
                  + " of "
                  + parity.sessions().total()
                  + " sessions are not the same on both sides",
              "stop the writers of the source, segue run until the lag is zero, then segue verify;"
                  + " or give up: segue complete --abandon"));
    }
    refuse(open);
    return parity;
  }

  private static void refuse(List<Finding> open) {
    if (!open.isEmpty()) {
      throw new BlockedException(open);
    }
  }

  /**
   * What keeps writers away first; then what the systems pay for; the ledgers last, for they know
   * the rest.
   */
  private List<Removal> removals() {
    List<Removal> removals = new ArrayList<>();
    Optional<Direction> back = systems.back();
    back.ifPresent(way -> removals.addAll(way.source().ownership().removals()));
    removals.addAll(systems.atSource().removals());
    removals.addAll(systems.source().removals());
    back.ifPresent(way -> removals.addAll(way.source().removals()));
    removals.addAll(topics(config.name(), migration));
    back.ifPresent(
        way ->
            way.target()
                .ledger()
                .find(way.name())
                .ifPresent(armed -> removals.addAll(topics(way.name(), armed))));
    if (Files.exists(config.dataDir())) {
      removals.add(new Removal("data-dir " + config.dataDir(), this::deleteDataDirectory));
    }
    back.ifPresent(way -> removals.addAll(way.target().removals(way.name())));
    removals.addAll(systems.target().removals(config.name()));
    return removals;
  }

  private List<Removal> topics(String direction, Ledger.Migration known) {
    Optional<KafkaSettings> settings = kafka();
    Optional<String> topic = known.topic();
    if (settings.isEmpty() || topic.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Removal(
            "topics and groups segue." + direction + ".* of Kafka at " + settings.get().bootstrap(),
            () -> {
              try (TopicAdmin admin = new TopicAdmin(settings.get(), new Topics(direction))) {
                admin.delete(topic.get());
              }
            }));
  }

  private Optional<KafkaSettings> kafka() {
    return config
        .kafka()
        .bootstrap()
        .map(bootstrap -> new KafkaSettings(bootstrap, config.kafka().properties()));
  }

  /** Only what we put there; the directory itself if nothing else is in it. */
  private void deleteDataDirectory() {
    Path directory = config.dataDir();
    try {
      for (String ours : RunFile.OURS) {
        delete(directory.resolve(ours));
      }
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      // Somebody else's files stay, and the directory with them.
    } catch (IOException e) {
      throw SystemFault.passing("deleting " + directory + ": " + e.getMessage(), e);
    }
  }

  private static void delete(Path path) throws IOException {
    // Somebody may have put a link to a larger disk in its place.
    try (Stream<Path> all = Files.walk(path.toRealPath())) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
      Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      // It was never made.
    }
  }
}
