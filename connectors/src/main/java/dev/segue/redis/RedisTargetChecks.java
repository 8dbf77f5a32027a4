package dev.segue.redis;

import dev.segue.finding.Finding;
import dev.segue.layout.KeyRule;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is in the way of writing to a Redis, and what its operator should know. */
final class RedisTargetChecks {
  private final RedisConnections connections;
  private final RedisKeys keys;
  private final boolean isBack;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param isBack whether it is the system that rows came from, so that it is full of them
   */
  RedisTargetChecks(RedisConnections connections, RedisKeys keys, boolean isBack) {
    this.connections = connections;
    this.keys = keys;
    this.isBack = isBack;
  }

  /**
   * @param started whether the migration has written to the target before
   */
  List<Finding> run(boolean started) {
    checkPatterns();
    connections.with(
        "checking",
        commands -> {
          checkServer(commands);
          checkMemory(RedisChecks.info(commands.info("memory")));
          checkDisk(DiskWriting.of(commands));
          if (!started && !isBack) {
            checkEmpty(commands);
          }
          return null;
        });
    if (!started) {
      findings.add(
          Finding.change(connections.describe(), "keys segue:…, with the migration's bookkeeping"));
    }
    return findings;
  }

  private void error(String message, String remedy) {
    findings.add(Finding.error(connections.describe(), message, remedy));
  }

  private void warning(String message, String remedy) {
    findings.add(Finding.warning(connections.describe(), message, remedy));
  }

  /** Neither can what is ours be taken for rows, nor can a map have an id that it cannot hold. */
  private void checkPatterns() {
    if (keys.meant(OwnKeys.prefix("x") + "migration").isPresent()) {
      error(
          "would take our own keys, which begin with segue:, for those of sessions",
          "put something before {session_id} into the layout's patterns of keys");
    }
    for (RedisTable table : keys.tables()) {
      boolean ofIds =
          table.rule().type() == KeyRule.Type.MAP
              && table.elementColumn().filter(RedisTable.ID::equals).isPresent();
      if (ofIds) {
        findings.add(
            Finding.error(
                "target " + table,
                "column {id} is made of the session and the field, which another system's ids are"
                    + " not",
                "map {place} instead: then an id is the field that it stands in"));
      }
    }
  }

  private void checkServer(RedisCommands<byte[], byte[]> commands) {
    String version = RedisChecks.info(commands.info("server")).getOrDefault("redis_version", "0");
    int dot = version.indexOf('.');
    if (dot < 0 || Integer.parseInt(version.substring(0, dot)) < 5) {
      error("is Redis " + version + "; 5 or later is needed", "upgrade the server");
    }
    Map<String, String> cluster = RedisChecks.info(commands.info("cluster"));
    if (cluster.getOrDefault("cluster_enabled", "0").equals("1")) {
      error(
          "is a node of a cluster, in which rows and their bookkeeping cannot be written in one"
              + " transaction",
          "move into a single server; from there the data can be brought into the cluster");
    }
    if (!ReplicationInfo.parse(commands.info("replication")).isMaster()) {
      error("is a replica and takes no writes", "name the master in migration.yaml");
    }
  }

  private void checkMemory(Map<String, String> memory) {
    String policy = memory.getOrDefault("maxmemory_policy", "noeviction");
    boolean limited = !memory.getOrDefault("maxmemory", "0").equals("0");
    if (limited && !policy.equals("noeviction")) {
      error(
          "evicts keys when its memory is full (maxmemory-policy "
              + policy
              + "), the migration's bookkeeping among them",
          "CONFIG SET maxmemory-policy noeviction while the migration runs");
    }
  }

  private void checkDisk(DiskWriting disk) {
    if (disk.isEverySecond()) {
      warning(
          "writes to its disk once a second (appendfsync everysec): a crash takes back what it"
              + " had accepted last. The rows and the bookkeeping go together, so the sink brings it"
              + " again; readers may have seen it before"
              + (isBack
                  ? ". Sessions are given back once they are on the disk, which takes "
                      + disk.behind().toSeconds()
                      + " s of cutover.max-pause"
                  : ""),
          "CONFIG SET appendfsync always, if that must not be");
    } else if (!disk.log() && disk.copies().isEmpty()) {
      warning(
          "keeps nothing over a restart: it writes neither a log (appendonly) nor copies (save)",
          "CONFIG SET appendonly yes");
    } else if (!disk.log()) {
      warning(
          "writes copies to its disk now and then (save "
              + disk.copies()
              + ") and no log: a crash takes"
              + " back all since the last copy, and the sink brings it again"
              + (isBack ? "; not to sessions that were given back by then" : ""),
          "CONFIG SET appendonly yes");
    }
  }

  /** Rows that are there already would be mixed up with those that are brought. */
  private void checkEmpty(RedisCommands<byte[], byte[]> commands) {
    ScanArgs arguments = ScanArgs.Builder.matches(keys.glob()).limit(1000);
    KeyScanCursor<byte[]> cursor = commands.scan(arguments);
    while (true) {
      boolean found =
          cursor.getKeys().stream().anyMatch(key -> keys.meant(Bytes.text(key)).isPresent());
      if (found) {
        error(
            "has keys that the layout means already",
            "name an empty database in target.url, or remove those keys");
        return;
      }
      if (cursor.isFinished()) {
        return;
      }
      cursor = commands.scan(cursor, arguments);
    }
  }
}
