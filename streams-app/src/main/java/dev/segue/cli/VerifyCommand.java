package dev.segue.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.segue.config.MigrationConfig;
import dev.segue.cutover.MendOrder;
import dev.segue.migration.ParityCheck;
import dev.segue.status.StatusJson;
import dev.segue.verify.Parity;
import dev.segue.verify.ParityReport;
import dev.segue.verify.VectorParity;
import dev.segue.verify.Verification;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether both sides hold the same. */
@Command(
    name = "verify",
    description =
        "Compares both sides, session by session, while they are being written to. Touches"
            + " none of their rows. Exit code 0 if every session is the same.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = StatusJson.mapper();
  private static final int MOST_REPAIRED = 100_000;
  private static final int MOST_TOLD = 10;
  private static final Duration BETWEEN = Duration.ofSeconds(2);

  @Mixin private ConfigOption config;

  @Option(
      names = "--max-rate",
      paramLabel = "ROWS",
      description = "Read at most so many rows a second (default: as fast as can be).")
  private long maxRate;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long the target may take to catch up with what was read of the source (default:"
              + " ${DEFAULT-VALUE}).")
  private long wait;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write the record of every session there, a line of JSON each.")
  private Path report;

  @Option(
      names = "--changed",
      description =
          "Compare only sessions that were written to since the last verification began, or did"
              + " not pass then. Needs segue run.")
  private boolean changed;

  @Option(
      names = "--afresh",
      description = "Begin anew, even if a verification was interrupted that could be continued.")
  private boolean afresh;

  @Option(
      names = "--read-rows",
      description =
          "Read all rows and compare what they say, also where both databases could sum them up"
              + " themselves.")
  private boolean readRows;

  @Option(
      names = "--show-values",
      description = "Tell the values that differ. They are what people said: mind who reads it.")
  private boolean showValues;

  @Option(
      names = "--repair",
      description =
          "Read sessions that are not the same anew from the side that owns them, write them as a"
              + " whole, and compare once more. Needs segue run.")
  private boolean repair;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.quiet();
    MigrationConfig migration = config.read();
    Verification.Options options =
        new Verification.Options(
            migration.snapshot().parallelism(),
            maxRate,
            Duration.ofSeconds(wait),
            showValues,
            ParityCheck.passLog(migration),
            afresh,
            readRows);
    Telling telling = new Telling(spec.commandLine().getErr());
    if (changed) {
      return ofChanged(migration, telling);
    }
    ParityReport found = compare(migration, options, telling);
    if (repair && found.result() == Parity.Verdict.FAIL) {
      repair(migration, telling);
      found = compare(migration, options, telling);
    }
    return tell(found);
  }

  /** The process that runs the migration knows from its topics what was written to. */
  private int ofChanged(MigrationConfig migration, Telling telling)
      throws IOException, InterruptedException {
    if (report != null || showValues || repair || afresh || readRows || maxRate > 0) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--changed goes with none of --report, --show-values, --repair, --afresh, --read-rows,"
              + " --max-rate");
    }
    JsonNode found =
        RunningProcess.require(migration)
            .perform(
                "/v1/verifications",
                Map.of("changed", true, "requested_by", System.getProperty("user.name")),
                telling::story);
    return tell(JSON.treeToValue(found, ParityReport.class));
  }

  private int tell(ParityReport found) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JSON.writeValueAsString(found));
    } else {
      print(found, out);
    }
    out.flush();
    return found.result() == Parity.Verdict.PASS ? 0 : Failures.JOB_FAILED;
  }

  private final List<String> failed = new ArrayList<>();

  private ParityReport compare(
      MigrationConfig migration, Verification.Options options, Telling telling)
      throws IOException, InterruptedException {
    failed.clear();
    try (Records records = new Records(report)) {
      return ParityCheck.run(
          migration,
          options,
          telling,
          parity -> {
            records.accept(parity);
            if (parity.parityStatus() == Parity.Verdict.FAIL && failed.size() < MOST_REPAIRED) {
              failed.add(parity.sessionId());
            }
          });
    }
  }

  private void repair(MigrationConfig migration, Telling telling)
      throws IOException, InterruptedException {
    telling.story(failed.size() + " sessions are written anew.");
    JsonNode mended =
        RunningProcess.require(migration)
            .perform(
                "/v1/repairs",
                new MendOrder(failed, null, null, System.getProperty("user.name")),
                telling::story);
    JsonNode refused = mended.path("refused");
    telling.story(
        mended.path("mended").longValue()
            + " sessions were written anew, their writers waited for "
            + mended.path("pause_ms_max").longValue()
            + " ms at most; "
            + refused.size()
            + " could not be.");
    refused
        .fieldNames()
        .forEachRemaining(
            session ->
                telling.story("  session " + session + ": " + refused.path(session).asText()));
  }

  private static void print(ParityReport found, PrintWriter out) {
    ParityReport.Sessions sessions = found.sessions();
    out.printf(
        Locale.ROOT,
        "Parity %s: %,d of %,d sessions%s pass, %,d fail, %,d pending (%s%.1f s)%n",
        found.result(),
        sessions.pass(),
        sessions.total(),
        found.since() == null ? "" : " written to since " + found.since(),
        sessions.fail(),
        sessions.pending(),
        found.since() == null ? String.format(Locale.ROOT, "%,d rows in ", found.rows()) : "",
        found.seconds());
    for (Parity parity : found.notPassed()) {
      out.println("  session " + SessionName.of(parity.sessionId()) + " " + parity.parityStatus());
      if (parity.reason() != null) {
        out.println("    " + parity.reason());
      }
      parity.differences().forEach(difference -> out.println("    " + difference));
    }
    long more = sessions.fail() + sessions.pending() - found.notPassed().size();
    if (more > 0) {
      out.println("  and " + more + " more; all of them with: segue verify --report FILE");
    }
    if (found.vectors() != null) {
      print(found.vectors(), out);
    }
    toKnow("rows of sessions that it does not have", found.orphans(), out);
    toKnow("rows that refer to others which are not there", found.brokenReferences(), out);
  }

  private static void print(VectorParity vectors, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Vectors: %,d of %,d memory items have theirs of %s%s%n",
        vectors.items() - vectors.waiting(),
        vectors.items(),
        vectors.to(),
        vectors.recallAt10() == null
            ? ""
            : String.format(
                Locale.ROOT,
                "; recall@10 against %s %.2f, of %,d items",
                vectors.from(),
                vectors.recallAt10(),
                vectors.sampled()));
  }

  private static void toKnow(String what, List<?> some, PrintWriter out) {
    if (!some.isEmpty()) {
      out.println("To know: the source has " + what + ", such as");
      some.stream().limit(MOST_TOLD).forEach(one -> out.println("  " + one));
    }
  }

  /** Tells on stderr how it goes. */
  private static final class Telling implements Verification.Progress {
    private final PrintWriter err;
    private long told = System.nanoTime();

    Telling(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void story(String line) {
      err.println(line);
      err.flush();
    }

    @Override
    public synchronized void rows(long rows) {
      if (System.nanoTime() - told > BETWEEN.toNanos()) {
        told = System.nanoTime();
        story(String.format(Locale.ROOT, "%,d rows read", rows));
      }
    }
  }

  /** Writes each session's record, where somebody wants them. */
  private static final class Records implements Consumer<Parity>, AutoCloseable {
    private final ObjectWriter mapper =
        StatusJson.mapper().writer().without(SerializationFeature.INDENT_OUTPUT);
    private final Writer file;

    Records(Path path) throws IOException {
      file = path == null ? Writer.nullWriter() : new BufferedWriter(Files.newBufferedWriter(path));
    }

    @Override
    public void accept(Parity parity) {
      try {
        file.write(mapper.writeValueAsString(parity));
        file.write('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
