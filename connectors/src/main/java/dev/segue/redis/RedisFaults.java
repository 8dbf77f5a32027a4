package dev.segue.redis;

import dev.segue.spi.SystemFault;
import dev.segue.spi.SystemFault.Nature;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;

/** What an answer of Redis means for a migration. */
final class RedisFaults {
  private RedisFaults() {}

  /**
   * @param doing what was being done, to which thing
   */
  static SystemFault translate(Throwable error, String doing) {
    Throwable e = cause(error);
    if (e instanceof SystemFault known) {
      return known;
    }
    String line = line(error);
    return new SystemFault(nature(e, line), doing + ": " + line, remedy(e, line), e);
  }

  /**
   * A command that the server refused.
   *
   * @param answer the server's own words
   */
  static SystemFault refused(String answer, String doing) {
    return translate(new RedisCommandExecutionException(answer), doing);
  }

  private static Throwable cause(Throwable error) {
    Throwable e = error;
    while ((e instanceof ExecutionException || e.getClass() == RedisConnectionException.class)
        && e.getCause() != null) {
      e = e.getCause();
    }
    return e;
  }

  /** The first line of what was answered. */
  static String line(Throwable error) {
    Throwable e = cause(error);
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse(message);
  }

  private static Nature nature(Throwable e, String line) {
    if (line.startsWith("WRONGTYPE")) {
      return Nature.DATA;
    }
    boolean lasting =
        e instanceof UnknownHostException
            || line.startsWith("NOAUTH")
            || line.startsWith("NOPERM")
            || line.startsWith("WRONGPASS")
            || line.startsWith("ERR");
    return lasting ? Nature.PERMANENT : Nature.TRANSIENT;
  }

  private static String remedy(Throwable e, String line) {
    if (line.startsWith("NOAUTH") || line.startsWith("WRONGPASS")) {
      return "check user and password in migration.yaml";
    }
    if (line.startsWith("NOPERM")) {
      return "give the user the right that the message names; segue plan lists them";
    }
    if (line.startsWith("OOM")) {
      return "its memory is full (maxmemory): free some, or CONFIG SET maxmemory; segue run goes on by"
          + " itself then";
    }
    if (line.startsWith("READONLY")) {
      return "it is a replica now: put the master's host into migration.yaml";
    }
    if (line.startsWith("MISCONF")) {
      return "it cannot write to its disk and refuses writes until it can: see its log";
    }
    return e instanceof java.io.IOException
        ? "check that the server runs and that host and port are right"
        : "";
  }
}
