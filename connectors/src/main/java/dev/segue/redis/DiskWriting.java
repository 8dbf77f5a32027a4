package dev.segue.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Map;

/**
 * How a server writes to its disk.
 *
 * @param log whether it keeps a log (appendonly)
 * @param sync when the log is on the disk (appendfsync); {@code unknown} where we may not ask
 * @param copies when it writes copies of everything (save); empty if never
 */
record DiskWriting(boolean log, String sync, String copies) {
  /** The server puts its log on the disk once a second, and may be a second late with it. */
  private static final Duration EVERY_SECOND = Duration.ofSeconds(2);

  static DiskWriting of(RedisCommands<byte[], byte[]> commands) {
    Map<String, String> persistence = RedisChecks.info(commands.info("persistence"));
    return new DiskWriting(
        persistence.getOrDefault("aof_enabled", "0").equals("1"),
        setting(commands, "appendfsync"),
        setting(commands, "save"));
  }

  private static String setting(RedisCommands<byte[], byte[]> commands, String name) {
    try {
      return commands.configGet(name).getOrDefault(name, "unknown");
    } catch (RedisCommandExecutionException e) {
      return "unknown";
    }
  }

  boolean isEverySecond() {
    return log && sync.equals("everysec");
  }

  /**
   * After what time a crash takes nothing back that was accepted before. None where it does not
   * help: without a log a crash takes back whatever came after the last copy.
   */
  Duration behind() {
    return log && !sync.equals("always") ? EVERY_SECOND : Duration.ZERO;
  }
}
