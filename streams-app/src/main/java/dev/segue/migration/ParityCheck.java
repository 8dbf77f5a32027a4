package dev.segue.migration;

import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.spi.Ledger;
import dev.segue.verify.Parity;
import dev.segue.verify.ParityReport;
import dev.segue.verify.Verification;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares the two sides of a migration that a configuration describes. */
public final class ParityCheck {
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
      List<Finding> unbound =
          java.util.stream.Stream.concat(
                  systems.source().binding().findings().stream(),
                  systems.target().binding().findings().stream())
              .filter(Finding::isError)
              .toList();
      if (!unbound.isEmpty()) {
        throw new BlockedException(unbound);
      }
      Optional<Ledger.Migration> begun = systems.target().ledger().find(config.name());
      begun
          .flatMap(
              known ->
                  Plan.identity(config, systems.source(), systems.target())
                      .differenceFrom(known.identity()))
          .ifPresent(
              difference -> {
                throw new BlockedException(List.of(difference));
              });
      return new Verification(systems.source(), systems.target(), config.name(), options)
          .run(progress, each);
    }
  }
}
