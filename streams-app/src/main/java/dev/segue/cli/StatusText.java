package dev.segue.cli;

import dev.segue.spi.ParityLog;
import dev.segue.status.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A status as a person reads it. */
final class StatusText {
  /** What is older than this is said to be old. */
  private static final long OLD_MILLIS = 5_000;

  private StatusText() {}

  /** One screen. */
  static List<String> screen(Status status) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Migration "
            + status.migration()
            + "  phase "
            + status.phase()
            + (status.running() == null
                ? "  (not running)"
                : "  process " + status.running().pid() + " since " + status.running().since()));
    for (Status.Table table : status.tables()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-32s %5.1f %%  %,d of about %,d rows%s",
              table.name(),
              table.percent(),
              table.rows(),
              Math.max(table.estimatedRows(), table.rows()),
              table.rowsPerSecond() > 0
                  ? String.format(Locale.ROOT, "  %,d rows/s", table.rowsPerSecond())
                      + (table.etaSeconds() >= 0 ? "  " + duration(table.etaSeconds()) : "")
                  : ""));
    }
    lines.add("  lag     " + lag(status.lag()));
    lines.add(
        String.format(
            Locale.ROOT,
            "  rates   captured %,d/s  applied %,d/s",
            status.rates().capturedPerSecond(),
            status.rates().appliedPerSecond()));
    if (status.vectors() != null) {
      lines.add("  vectors " + vectors(status.vectors()));
    }
    if (status.slot() != null) {
      lines.add(
          "  slot    "
              + status.slot().name()
              + " "
              + status.slot().status()
              + (status.slot().active() ? ", active" : ", not active")
              + ", keeps "
              + bytes(status.slot().retainedBytes()));
    }
    if (status.parity() != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  parity  %,d pass, %,d fail, %,d pending, verified %s",
              status.parity().pass(),
              status.parity().fail(),
              status.parity().pending(),
              status.parity().checkedAt()));
      ParityLog.Changed changed = status.parity().changed();
      if (changed != null) {
        lines.add(
            String.format(
                Locale.ROOT,
                "          of those written to since: %,d pass, %,d fail, %,d pending, verified %s",
                changed.pass(),
                changed.fail(),
                changed.pending(),
                changed.checkedAt()));
      }
    }
    addRouting(status.routing(), lines);
    lines.add(
        "  parked  "
            + status.parked().sessions()
            + " sessions, "
            + status.parked().records()
            + " records");
    status
        .parked()
        .first()
        .forEach(
            parked ->
                lines.add("    " + SessionName.of(parked.sessionId()) + ": " + parked.reason()));
    for (Status.Stage stage : status.stages()) {
      if (stage.reason() != null) {
        lines.add(
            "  "
                + stage.name()
                + " "
                + stage.state()
                + " (attempt "
                + stage.retries()
                + "): "
                + stage.reason());
      }
    }
    if (status.asOf() != null) {
      addLook("source", status.asOf().source(), lines);
      addLook("target", status.asOf().target(), lines);
    }
    if (status.lastError() != null) {
      lines.add("  last error  " + status.lastError());
    }
    return lines;
  }

  /** Says nothing of a system that answers. */
  private static void addLook(String system, Status.Look look, List<String> lines) {
    boolean old = look.ageMs() > OLD_MILLIS;
    if (look.trouble() == null && !old) {
      return;
    }
    lines.add(
        "  "
            + system
            + "  "
            + (look.trouble() == null ? "answers slowly" : "does not answer: " + look.trouble())
            + (look.at() == null
                ? "; nothing of it is known yet"
                : "; what is told of it is of " + duration(look.ageMs() / 1000) + " ago"));
  }

  private static String vectors(Status.Vectors vectors) {
    return vectors.space()
        + (vectors.waiting() < 0
            ? ", not counted yet"
            : String.format(
                Locale.ROOT,
                ": %,d of %,d memory items wait, %,d/s",
                vectors.waiting(),
                vectors.items(),
                vectors.perSecond()));
  }

  private static void addRouting(Status.Routing routing, List<String> lines) {
    if (routing == null
        || (routing.targetPercent() == 0 && routing.wayBack() == null && routing.move() == null)) {
      return;
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "  owners  source %.1f %%, target %.1f %% of the hash slots%s",
            100 - routing.targetPercent(),
            routing.targetPercent(),
            routing.named() == 0 ? "" : ", " + routing.named() + " sessions by themselves"));
    Status.Move move = routing.move();
    if (move != null) {
      lines.add(
          "  move    "
              + move.slice()
              + " to the "
              + move.to()
              + ": "
              + move.state()
              + (move.detail().isEmpty() ? "" : ", " + move.detail())
              + "; "
              + duration(move.seconds())
              + ", asked for by "
              + move.requestedBy());
    }
    Status.WayBack back = routing.wayBack();
    if (back != null) {
      lines.add(
          "  back    "
              + (back.failure() == null
                  ? "lag " + lag(back.lag())
                  : "has failed, sessions of the target cannot be given back: " + back.failure()));
    }
  }

  static String lag(Status.Lag lag) {
    if (lag.ms() < 0) {
      return "not known yet";
    }
    String time = lag.ms() < 10_000 ? lag.ms() + " ms" : duration(lag.ms() / 1000);
    return lag.bytes() < 0 ? time : time + ", " + bytes(lag.bytes());
  }

  static String duration(long seconds) {
    return seconds < 60
        ? seconds + " s"
        : seconds < 3600
            ? seconds / 60 + " min " + seconds % 60 + " s"
            : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
  }

  static String bytes(long bytes) {
    if (bytes < 10_000) {
      return bytes + " bytes";
    }
    return bytes < 10_000_000 ? (bytes >> 10) + " kB" : (bytes >> 20) + " MB";
  }
}
