package dev.segue.bench.report;

import java.util.List;
import java.util.Locale;

/** A report as Markdown that reads well unrendered too. */
public final class Markdown {
  private Markdown() {}

  public static String of(Report report) {
    StringBuilder text = new StringBuilder();
    machine(report, text);
    if (!report.ratios().isEmpty()) {
      text.append(
          "\n| what | must | aim | median | min – max | held |\n|---|---|---|---|---|---|\n");
      report.ratios().forEach(ratio -> row(ratio, text));
    }
    text.append(
        "\n| measurement | contender | quantity | median | min – max |\n|---|---|---|---|---|\n");
    report.figures().forEach((series, spread) -> row(series, spread, text));
    notes(report, text);
    return text.toString();
  }

  private static void machine(Report report, StringBuilder text) {
    var machine = report.machine();
    Report.Run run = report.run();
    text.append(
        String.format(
            Locale.ROOT,
            "%s; scale %s, %d round(s), %.0f s in all. %s, %d cores, %d GB; %s; PostgreSQL %s; load"
                + " average at the start %.2f.%n",
            String.join(" ", run.measurements()),
            number(run.scale()),
            run.rounds(),
            run.seconds(),
            machine.processor(),
            machine.cores(),
            machine.memoryGb(),
            machine.java(),
            machine.postgres(),
            machine.loadAverage()));
  }

  private static void row(Ratio ratio, StringBuilder text) {
    String sign = ratio.bound().sign() + " ";
    cells(
        text,
        List.of(
            ratio.what(),
            sign + number(ratio.must()),
            sign + number(ratio.aim()),
            number(ratio.spread().median()),
            number(ratio.spread().min()) + " – " + number(ratio.spread().max()),
            ratio.held() ? ratio.reached() ? "yes, and the aim" : "yes" : "NO"));
  }

  private static void row(Series series, Spread spread, StringBuilder text) {
    cells(
        text,
        List.of(
            series.measurement(),
            series.contender(),
            series.quantity(),
            number(spread.median()),
            number(spread.min()) + " – " + number(spread.max())));
  }

  private static void notes(Report report, StringBuilder text) {
    if (!report.failures().isEmpty() || !report.absences().isEmpty()) {
      text.append('\n');
    }
    report
        .failures()
        .forEach(
            failure ->
                text.append("- FAILED in ")
                    .append(failure.measurement())
                    .append(", round ")
                    .append(failure.round())
                    .append(": ")
                    .append(failure.contender())
                    .append(": ")
                    .append(failure.reason().replace('\n', ' '))
                    .append('\n'));
    report
        .absences()
        .forEach(
            absence ->
                text.append("- Not measured: ")
                    .append(absence.contender())
                    .append(", because ")
                    .append(absence.reason())
                    .append('\n'));
  }

  private static void cells(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** With as many digits as mean something. */
  static String number(double value) {
    if (value == Math.rint(value) || Math.abs(value) >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
  }
}
