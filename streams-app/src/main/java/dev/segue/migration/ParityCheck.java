package dev.segue.migration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.segue.config.MigrationConfig;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.spi.Embeddings;
import dev.segue.spi.ParityLog;
import dev.segue.status.StatusJson;
import dev.segue.vectors.Recall;
import dev.segue.verify.Parity;
import dev.segue.verify.ParityReport;
import dev.segue.verify.VectorParity;
import dev.segue.verify.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Compares the two sides of a migration that a configuration describes. */
public final class ParityCheck {
  /** By so much the clocks of two machines may differ. */
  private static final Duration CLOCKS = Duration.ofMinutes(1);

  private ParityCheck() {}

  /**
   * Compares all sessions. The migration is to be running, or sessions that are being written to
   * stay pending.
   *
   * @param each takes the record of every session
   * @throws BlockedException if the configuration does not describe the migration that was begun
   */
  public static ParityReport run(
      MigrationConfig config,
      Verification.Options options,
      Verification.Progress progress,
      Consumer<Parity> each)
      throws InterruptedException {
    try (Systems systems = Systems.connect(config)) {
      systems.begun();
      Keeping keeping = new Keeping(each);
      ParityReport report = verification(config, systems, options).run(progress, keeping);
      systems
          .target()
          .parityLog(config.name())
          .replace(
              new ParityLog.Totals(
                  report.sessions().pass(),
                  report.sessions().fail(),
                  report.sessions().pending(),
                  report.beganAt(),
                  now(),
                  null),
              keeping.notPassed);
      return vectors(config, systems).map(report::with).orElse(report);
    }
  }

  /**
   * Compares the sessions that were written to since the last verification began, and those that
   * did not pass then.
   *
   * @param written finds the sessions that were written to since a moment; empty if it may be any
   * @return empty if all sessions have to be compared
   */
  static Optional<ParityReport> ofChanged(
      MigrationConfig config, Verification.Options options, Written written, Consumer<String> story)
      throws InterruptedException {
    try (Systems systems = Systems.connect(config)) {
      systems.begun();
      String beganAt = now();
      ParityLog log = systems.target().parityLog(config.name());
      Optional<ParityLog.Totals> last = log.totals();
      if (last.isEmpty()) {
        story.accept("Nothing was verified yet, so all sessions are.");
        return Optional.empty();
      }
      if (last.get().open() > Keeping.MOST) {
        story.accept("More sessions did not pass than are remembered, so all are verified.");
        return Optional.empty();
      }
      Instant since = Instant.parse(last.get().openSince());
      Optional<Set<String>> sessions = written.since(since.minus(CLOCKS));
      if (sessions.isEmpty()) {
        story.accept("A table was emptied since " + since + ", so all sessions are verified.");
        return Optional.empty();
      }
      Set<String> all = new TreeSet<>(sessions.get());
      all.addAll(log.notPassed());
      story.accept(
          all.size() + " sessions were written to since " + since + ", or did not pass then.");
      Keeping keeping = new Keeping(unused -> {});
      ParityReport report =
          verification(config, systems, options).run(all, since.toString(), keeping);
      log.amend(
          new ParityLog.Changed(
              report.sessions().pass(),
              report.sessions().fail(),
              report.sessions().pending(),
              beganAt,
              now()),
          all,
          keeping.notPassed);
      return Optional.of(report);
    }
  }

  private static Optional<VectorParity> vectors(MigrationConfig config, Systems systems) {
    Optional<Embeddings> made = systems.target().embeddings();
    if (config.vectorsMadeAnew().isEmpty() || made.isEmpty()) {
      return Optional.empty();
    }
    MigrationConfig.Vectors vectors = config.vectorsMadeAnew().get();
    Owners owners = systems.atTarget().read();
    long waiting =
        made.get().sessionsWaiting().entrySet().stream()
            .filter(session -> owners.ownerOf(session.getKey()) == Owner.SOURCE)
            .mapToLong(session -> session.getValue().items())
            .sum();
    Optional<Recall> recall = systems.source().vectors().map(old -> Recall.of(old, made.get()));
    OptionalDouble atTen =
        recall
            .map(some -> some.atTen(vectors.source().metric(), vectors.target().metric()))
            .orElse(OptionalDouble.empty());
    return Optional.of(
        new VectorParity(
            vectors.source().label(),
            vectors.target().label(),
            made.get().volume().items(),
            waiting,
            atTen.isPresent() ? Math.round(atTen.getAsDouble() * 1000) / 1000.0 : null,
            recall.map(Recall::sampled).orElse(0)));
  }

  /** Knows which sessions were written to. */
  interface Written {
    Optional<Set<String>> since(Instant moment) throws InterruptedException;
  }

  private static String now() {
    return Instant.now().toString();
  }

  private static Verification verification(
      MigrationConfig config, Systems systems, Verification.Options options) {
    return new Verification(
        systems.source(), systems.target(), systems.verifiableBack(), config.name(), options);
  }

  /** Where a pass keeps what it has read, on a machine where the migration runs. */
  public static Optional<Path> passLog(MigrationConfig config) {
    return Optional.of(config.dataDir())
        .filter(Files::isDirectory)
        .map(directory -> directory.resolve("verify.pass"));
  }

  /** Hands records on, and keeps those of the sessions that did not pass. */
  private static final class Keeping implements Consumer<Parity> {
    private static final int MOST = 10_000;

    private final ObjectWriter json =
        StatusJson.mapper().writer().without(SerializationFeature.INDENT_OUTPUT);
    private final List<ParityLog.NotPassed> notPassed = new ArrayList<>();
    private final Consumer<Parity> next;

    Keeping(Consumer<Parity> next) {
      this.next = next;
    }

    @Override
    public void accept(Parity parity) {
      next.accept(parity);
      if (parity.parityStatus() != Parity.Verdict.PASS && notPassed.size() < MOST) {
        try {
          notPassed.add(
              new ParityLog.NotPassed(
                  parity.sessionId(),
                  parity.parityStatus().toString(),
                  json.writeValueAsString(parity.withoutValues())));
        } catch (JsonProcessingException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
