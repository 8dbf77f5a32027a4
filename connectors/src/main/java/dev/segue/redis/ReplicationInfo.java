package dev.segue.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * Where a server's replication stream is.
 *
 * @param history names the stream that the offset belongs to
 * @param offset bytes of the stream so far
 * @param isMaster false for a replica
 * @param hasBacklog whether it keeps a stretch of the stream for replicas that come back
 * @param backlogBytes how long that stretch may be
 * @param backlogFirst the first offset that it has
 */
record ReplicationInfo(
    String history,
    long offset,
    boolean isMaster,
    boolean hasBacklog,
    long backlogBytes,
    long backlogFirst) {

  /** Reads the section {@code replication} of INFO. */
  static ReplicationInfo parse(String info) {
    Map<String, String> lines = new HashMap<>();
    info.lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon > 0) {
                lines.put(line.substring(0, colon), line.substring(colon + 1).strip());
              }
            });
    return new ReplicationInfo(
        lines.getOrDefault("master_replid", ""),
        number(lines, "master_repl_offset"),
        "master".equals(lines.get("role")),
        number(lines, "repl_backlog_active") == 1,
        number(lines, "repl_backlog_size"),
        number(lines, "repl_backlog_first_byte_offset"));
  }

  private static long number(Map<String, String> lines, String name) {
    return Long.parseLong(lines.getOrDefault(name, "0"));
  }
}
