package dev.segue.migration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.segue.config.MigrationConfig;
import dev.segue.spi.ParityLog;
import dev.segue.status.StatusJson;
import dev.segue.verify.Parity;
import dev.segue.verify.ParityReport;
import dev.segue.verify.Verification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
      systems.begun();
      Keeping keeping = new Keeping(each);
      ParityReport report =
          new Verification(
                  systems.source(),
                  systems.target(),
                  systems.verifiableBack(),
                  config.name(),
                  options)
              .run(progress, keeping);
      systems
          .target()
          .parityLog(config.name())
          .replace(
              new ParityLog.Totals(
                  report.sessions().pass(),
                  report.sessions().fail(),
                  report.sessions().pending(),
                  Instant.now().toString()),
              keeping.notPassed);
      return report;
    }
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
