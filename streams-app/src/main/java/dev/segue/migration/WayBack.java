package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.finding.Finding.Severity;
import dev.segue.kafka.KafkaSettings;
import dev.segue.kafka.TopicAdmin;
import dev.segue.mark.Barrier;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Ledger;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Target;
import dev.segue.status.StatusBoard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The same pipeline the other way: what the target's own writers do reaches the source. Made by the
 * first cutover, before anybody writes to the target, and there until the migration ends.
 */
final class WayBack implements AutoCloseable {
  static final String STREAMING = "streaming";

  private final Systems systems;
  private final MigrationConfig config;
  private final Supplier<KafkaSettings> kafka;
  private final Target.Lease lease;
  private final Consumer<String> story;
  private volatile Flow flow;
  private volatile SystemFault lost;

  WayBack(
      Systems systems,
      MigrationConfig config,
      Supplier<KafkaSettings> kafka,
      Target.Lease lease,
      Consumer<String> story) {
    this.systems = systems;
    this.config = config;
    this.kafka = kafka;
    this.lease = lease;
    this.story = story;
  }

  /** What keeps sessions from being given back, and what the first cutover makes for it. */
  static List<Finding> check(Systems systems, int members) {
    List<Finding> findings = new ArrayList<>();
    systems
        .back()
        .ifPresent(
            back -> {
              findings.addAll(back.source().check());
              findings.addAll(back.target().check());
              findings.addAll(back.target().checkMembers(members));
            });
    findings.addAll(systems.atSource().check());
    systems.back().ifPresent(back -> findings.addAll(back.source().ownership().check()));
    return findings;
  }

  /** The same before anything is moved: nothing of it keeps history from being copied. */
  static List<Finding> announce(Systems systems, int members) {
    return check(systems, members).stream()
        .map(
            finding ->
                finding.severity() == Severity.ERROR
                    ? Finding.warning(
                        finding.subject(),
                        "a cutover is refused while this is so: " + finding.message(),
                        finding.remedy())
                    : finding.severity() == Severity.CHANGE
                            && !finding.message().endsWith("(cutover)")
                        ? Finding.change(finding.subject(), finding.message() + " (cutover)")
                        : finding)
        .distinct()
        .toList();
  }

  /** Starts it, if an earlier process has made it. */
  synchronized void resume() {
    Optional<Ledger.Migration> armed = systems.armed();
    armed.ifPresent(this::start);
    if (armed.isEmpty() && systems.back().isPresent() && systems.hasHandedOver()) {
      lost =
          SystemFault.permanent(
              systems.source().describe()
                  + " has forgotten the way back: sessions belong to the target, and what they have"
                  + " gained since does not come home",
              "restore it from a backup that has it (its keys or tables of segue), or leave these"
                  + " sessions at the target");
      story.accept("Error: " + lost.getMessage());
      story.accept("  fix: " + lost.remedy());
    }
  }

  /** Why there is none any more, though there was one. */
  Optional<SystemFault> lost() {
    return Optional.ofNullable(lost);
  }

  /** The flow, once there is one. Does not wait for {@link #arm}, which may take a minute. */
  Optional<Flow> flow() {
    return Optional.ofNullable(flow);
  }

  /**
   * Makes it and starts it, as far as it is not; returns when it has been seen to work.
   *
   * @param patience how long it may take from its start until it works
   */
  synchronized void arm(Duration patience) throws InterruptedException {
    if (lost != null) {
      throw lost;
    }
    Direction back = systems.back().orElseThrow();
    Ledger ledger = back.target().ledger();
    if (flow == null) {
      start(prepare(back, ledger));
    }
    flow.supervisor()
        .failure()
        .ifPresent(
            failure -> {
              throw SystemFault.permanent(
                  "the way back from the target to the source has failed: " + failure.getMessage(),
                  "what it lost cannot be had again: sessions of the target can only stay there;"
                      + " see segue status");
            });
    if (!Barrier.raise(back.source(), ledger).await(patience)) {
      throw SystemFault.passing(
          "the way back from the target to the source did not answer within "
              + patience.toSeconds()
              + " s; see segue status",
          null);
    }
  }

  private Ledger.Migration prepare(Direction back, Ledger ledger) {
    Ledger.Migration migration = ledger.open(systems.identity(back));
    try (TopicAdmin admin = new TopicAdmin(kafka.get(), new dev.segue.kafka.Topics(back.name()))) {
      ledger.bindTopic(admin.ensure(config.kafka().partitions(), migration.topic().isEmpty()));
    }
    if (migration.cutoff().isEmpty()) {
      try (SnapshotReader view = back.source().prepare(story)) {
        ledger.prepared(view.cutoff(), List.of(), List.of());
      }
    }
    Cutoff cutoff = ledger.find(back.name()).flatMap(Ledger.Migration::cutoff).orElseThrow();
    ledger.enter(STREAMING, "the way back begins at " + cutoff.log() + " of the target's log");
    return ledger.find(back.name()).orElseThrow();
  }

  private void start(Ledger.Migration migration) {
    Direction back = systems.back().orElseThrow();
    back.source().join(migration.id());
    Flow made = new Flow(back, config, kafka, lease, new StatusBoard(config.heartbeat()));
    try {
      made.board().phase(STREAMING);
      made.follow(migration.cutoff().orElseThrow());
      made.apply(migration);
    } finally {
      // Last, because others look at it without waiting; but whatever was started is to be closed.
      flow = made;
    }
  }

  @Override
  public synchronized void close() {
    if (flow != null) {
      flow.close();
    }
  }
}
