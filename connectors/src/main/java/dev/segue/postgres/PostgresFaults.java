package dev.segue.postgres;

import dev.segue.spi.SystemFault;
import dev.segue.spi.SystemFault.Nature;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an SQLSTATE means for a migration: wait, stop, or look for one bad row. */
final class PostgresFaults {
  private static final Pattern VALUE = Pattern.compile("value \"(?!violates)[^\"]*\"(?= is out)");

  /** What does not fit into a page or an index. */
  private static final String TOO_LARGE = "54000";

  private PostgresFaults() {}

  /**
   * @param doing what was being done, to which thing
   */
  static SystemFault translate(SQLException e, String doing) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String message = doing + ": " + firstLine(e) + (state.isEmpty() ? "" : " [" + state + "]");
    return new SystemFault(nature(state, e), message, remedy(state, e), e);
  }

  private static Nature nature(String state, SQLException e) {
    if (isData(state)) {
      return Nature.DATA;
    }
    if (state.startsWith("08") && isUnknownHost(e)) {
      return Nature.PERMANENT;
    }
    return switch (state) {
      // Sessions cut off, servers starting or stopping, conflicts, no room: all of it passes.
      case "57P01", "57P02", "57P03", "57014", "40001", "40P01", "55P03", "55006", "25006" ->
          Nature.TRANSIENT;
      default ->
          state.startsWith("08") || state.startsWith("53") || state.startsWith("58")
              ? Nature.TRANSIENT
              : Nature.PERMANENT;
    };
  }

  private static boolean isUnknownHost(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.net.UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  /** Whether another row has a value that only one may have. */
  static boolean isTaken(String state) {
    return "23505".equals(state) || "23P01".equals(state);
  }

  /** Whether the row is at fault rather than the system. */
  static boolean isData(String state) {
    return state != null
        && (state.startsWith("22")
            || state.startsWith("23")
            || state.startsWith("21")
            || state.equals(TOO_LARGE));
  }

  /** The first line of the server's answer, without the values that a detail might show. */
  static String firstLine(SQLException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    return redact(line.startsWith("ERROR: ") ? line.substring(7) : line);
  }

  /** Takes the value out of messages that PostgreSQL writes with one. */
  private static String redact(String line) {
    // Behind a colon stands what was given; names of columns and constraints stand before it.
    int colon = line.indexOf(": \"");
    String head = colon > 0 ? line.substring(0, colon) : line;
    return VALUE.matcher(head).replaceAll("value");
  }

  private static String remedy(String state, SQLException e) {
    Optional<Throwable> unreachable =
        Optional.ofNullable(e.getCause()).filter(c -> c instanceof java.io.IOException);
    return switch (state) {
      case "28P01", "28000" ->
          "check user and password in migration.yaml, and the server's pg_hba.conf";
      case "3D000" -> "check the database's name in migration.yaml";
      case "42501" -> "grant the role what the message names; segue plan lists the GRANTs";
      case "42P01", "42703", "42704" -> "see what changed: segue plan";
      case "53100" -> "make room on the server's disk; the migration goes on by itself";
      case "53300" -> "raise max_connections, or close sessions";
      case "53400" -> "raise max_wal_senders or max_replication_slots";
      case "55000" -> "see the slot's state: SELECT * FROM pg_replication_slots";
      default ->
          state.startsWith("08")
              ? "check that the server runs and that host and port are right"
                  + unreachable.map(c -> " (" + c.getMessage() + ")").orElse("")
              : "";
    };
  }
}
