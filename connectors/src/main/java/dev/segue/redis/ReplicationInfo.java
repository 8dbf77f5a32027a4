package dev.segue.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * Where a server's replication stream is.
 *
 * @param history names the stream that the offset belongs to
 * @param formerHistory the stream that it went on with when it became master
 * @param formerOffset the first offset that is no more part of that one
 * @param offset bytes of the stream so far
 * @param isMaster false for a replica
 * @param hasBacklog whether it keeps a stretch of the stream for replicas that come back
 * @param backlogBytes how long that stretch may be
 * @param backlogFirst the first offset that it has
 */
record ReplicationInfo(
    String history,
    String formerHistory,
    long formerOffset,
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
        lines.getOrDefault("master_replid2", ""),
        number(lines, "second_repl_offset"),
        number(lines, "master_repl_offset"),
        "master".equals(lines.get("role")),
        number(lines, "repl_backlog_active") == 1,
        number(lines, "repl_backlog_size"),
        number(lines, "repl_backlog_first_byte_offset"));
  }

  /** Whether the server can go on behind an offset of a stream. */
  boolean has(String stream, long seen) {
    boolean known = stream.equals(history) || (stream.equals(formerHistory) && seen < formerOffset);
    return known && hasBacklog && seen + 1 >= backlogFirst && seen <= offset;
  }

  private static long number(Map<String, String> lines, String name) {
    return Long.parseLong(lines.getOrDefault(name, "0"));
  }
}
