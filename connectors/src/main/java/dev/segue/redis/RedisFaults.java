package dev.segue.redis;

import dev.segue.spi.SystemFault;
import dev.segue.spi.SystemFault.Nature;
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
    Throwable e = error;
    while ((e instanceof ExecutionException || e.getClass() == RedisConnectionException.class)
        && e.getCause() != null) {
      e = e.getCause();
    }
    if (e instanceof SystemFault known) {
      return known;
    }
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    String line = message.lines().findFirst().orElse(message);
    return new SystemFault(nature(e, line), doing + ": " + line, remedy(e, line), e);
  }

  private static Nature nature(Throwable e, String line) {
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
    return e instanceof java.io.IOException
        ? "check that the server runs and that host and port are right"
        : "";
  }
}
