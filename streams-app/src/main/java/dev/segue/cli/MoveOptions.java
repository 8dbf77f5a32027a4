package dev.segue.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.config.MigrationConfig;
import dev.segue.cutover.MoveOrder;
import dev.segue.spi.SystemFault;
import dev.segue.status.StatusJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What cutover and rollback have in common: which sessions, and how it is told. */
final class MoveOptions {
  @Mixin private ConfigOption config;

  @Option(
      names = "--slice",
      paramLabel = "SHARE",
      description =
          "Move hash slots until the gaining side has this share of all, such as 25%%. Given"
              + " again, it does nothing.")
  private String slice;

  @Option(
      names = "--sessions",
      paramLabel = "FILE",
      description = "The sessions whose ids stand in the file, one a line; - for standard input.")
  private Path sessions;

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description = "Sessions with a value, such as 'agent_name = support'.")
  private String where;

  @Option(
      names = "--idle-for",
      paramLabel = "TIME",
      description = "Sessions that nobody wrote to for so long, such as 10m: nobody notices.")
  private String idleFor;

  @Option(names = "--all", description = "All sessions, those to come included.")
  private boolean all;

  @Option(
      names = "--reads",
      description = "Only say that these hash slots may be read there; owners stay.")
  private boolean reads;

  @Option(names = "--dry-run", description = "Only say what would be done, and what is in the way.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print the report as one JSON document.")
  private boolean json;

  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec spec;

  int perform(String path) throws IOException, InterruptedException {
    Logging.quiet();
    MigrationConfig migration = config.read();
    MoveOrder order =
        new MoveOrder(
            slice,
            sessions == null ? null : names(),
            where,
            idleFor,
            all ? true : null,
            reads,
            dryRun,
            System.getProperty("user.name"));
    check(order);
    PrintWriter err = spec.commandLine().getErr();
    JsonNode report =
        RunningProcess.require(migration)
            .perform(
                path,
                order,
                line -> {
                  err.println(line);
                  err.flush();
                });
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(report));
    } else {
      print(report, out);
    }
    out.flush();
    if (gate(report).isObject() && !gate(report).path("open").booleanValue()) {
      return Failures.REFUSED;
    }
    return report.path("outcome").asText().equals("aborted") ? Failures.JOB_FAILED : 0;
  }

  private void check(MoveOrder order) {
    try {
      var unused = order.selection();
    } catch (SystemFault e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), e.getMessage() + ": " + e.remedy());
    }
  }

  private List<String> names() throws IOException {
    try {
      String text =
          sessions.toString().equals("-")
              ? new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
              : Files.readString(sessions);
      return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    } catch (java.nio.file.NoSuchFileException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--sessions " + sessions + ": no such file");
    }
  }

  private static JsonNode gate(JsonNode report) {
    return report.path("gate");
  }

  private static void print(JsonNode report, PrintWriter out) {
    String kind = report.path("kind").asText();
    String outcome = report.path("outcome").asText();
    JsonNode gate = gate(report);
    if (gate.isObject()) {
      out.println(gate.path("open").booleanValue() ? "Gate: open" : "Gate: closed");
      gate.path("in_the_way").forEach(reason -> out.println("  " + reason.asText()));
    }
    report.path("would_do").forEach(step -> out.println("  " + step.asText()));
    out.printf(
        Locale.ROOT,
        "%s of %s: %s, %,d sessions%s%n",
        kind.equals("cutover") ? "Cutover" : "Rollback",
        report.path("selection").asText(),
        outcome,
        report.path("sessions").longValue(),
        report.path("slices").size() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; writers were refused for %d ms at most",
                report.path("pause_ms").path("max").longValue()));
    if (report.hasNonNull("reason")) {
      out.println("  why: " + report.path("reason").asText());
    }
    JsonNode kept = report.path("kept_back");
    kept.fieldNames()
        .forEachRemaining(
            session -> out.println("  stays: " + session + " " + kept.path(session).asText()));
    out.printf(
        Locale.ROOT,
        "The source owns %s %% of the hash slots, the target %s %%.%n",
        report.path("owned").path("source").asText(),
        report.path("owned").path("target").asText());
    if (!outcome.equals("dry run")) {
      report.path("next_steps").forEach(step -> out.println("  next: " + step.asText()));
    }
  }
}
