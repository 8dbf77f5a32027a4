package dev.segue.cli;

import dev.segue.config.MigrationConfig;
import dev.segue.finding.Finding;
import dev.segue.finding.Finding.Severity;
import dev.segue.migration.Plan;
import dev.segue.status.StatusJson;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Preflight and dry run. */
@Command(
    name = "plan",
    description =
        "Says what would move, what would be lost and what is in the way. Changes nothing.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(
      names = "--create-target",
      description = "First create the target layout's own tables, where Segue ships their DDL.")
  private boolean createTarget;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Logging.quiet();
    MigrationConfig migration = config.read();
    Plan plan = Plan.of(migration, createTarget);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(plan));
    } else {
      print(plan, out);
    }
    out.flush();
    return plan.errors().isEmpty() ? 0 : Failures.REFUSED;
  }

  private static void print(Plan plan, PrintWriter out) {
    out.println("Migration " + plan.migration());
    out.println("  from " + plan.source());
    out.println("  to   " + plan.target());
    for (Plan.Move move : plan.moves()) {
      out.printf(
          "  %-15s %s -> %s%n",
          move.kind(), move.from(), move.to().isEmpty() ? "(nowhere)" : move.to());
    }
    print(plan.findings(), Severity.CHANGE, "Will be made:", out);
    print(plan.findings(), Severity.LOSSY, "Will be lost:", out);
    print(plan.findings(), Severity.WARNING, "To know:", out);
    out.println();
    if (plan.errors().isEmpty()) {
      out.println("Nothing is in the way. Next: segue run");
    } else {
      Failures.printErrors(out, plan.errors());
    }
  }

  private static void print(
      List<Finding> findings, Severity severity, String title, PrintWriter out) {
    List<Finding> some = findings.stream().filter(f -> f.severity() == severity).toList();
    if (some.isEmpty()) {
      return;
    }
    out.println();
    out.println(title);
    for (Finding finding : some) {
      out.println("  " + finding.subject() + ": " + finding.message());
      if (!finding.remedy().isEmpty()) {
        out.println("    " + finding.remedy());
      }
    }
  }
}
