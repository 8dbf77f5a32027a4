package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.finding.Finding;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is in the way of following a Redis, and what its operator should know. */
final class RedisChecks {
  private static final Logger LOG = LoggerFactory.getLogger(RedisChecks.class);
  private static final long BACKLOG = 64L << 20;
  private static final int SAMPLE = 20_000;
  private static final int SHOWN = 8;

  private static final List<String> NEEDS =
      List.of("info replication", "multi", "exec", "time", "scan 0", "type x");

  private static final List<String> STREAM = List.of("psync ? -1", "replconf ack 0", "command");

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final String channel;
  private final List<Finding> findings = new ArrayList<>();

  RedisChecks(RedisConnections connections, RedisKeys keys, String channel) {
    this.connections = connections;
    this.channel = channel;
    this.keys = keys;
  }

  private boolean notified() {
    return connections.address().following() == RedisAddress.Following.NOTIFICATIONS;
  }

  List<Finding> run() {
    return connections.with(
        "checking",
        commands -> {
          Map<String, String> server = info(commands.info("server"));
          checkVersion(server.getOrDefault("redis_version", "0"));
          if (info(commands.info("cluster")).getOrDefault("cluster_enabled", "0").equals("1")) {
            error(
                "is a node of a cluster, of which each has a stream of its own",
                "migrate each of its masters by itself, with a name of its own");
          }
          ReplicationInfo replication = ReplicationInfo.parse(commands.info("replication"));
          if (!replication.isMaster()) {
            error(
                "is a replica, on which marks cannot be published",
                "name the master in migration.yaml");
          }
          if (notified()) {
            checkNotifications(commands);
          } else {
            checkBacklog(replication);
          }
          checkMemory(info(commands.info("memory")));
          checkRights(commands);
          return checkKeys(commands);
        });
  }

  /** A section of INFO. */
  static Map<String, String> info(String text) {
    Map<String, String> lines = new HashMap<>();
    text.lines()
        .filter(line -> line.indexOf(':') > 0)
        .forEach(
            line ->
                lines.put(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip()));
    return lines;
  }

  private void error(String message, String remedy) {
    findings.add(Finding.error(connections.describe(), message, remedy));
  }

  private void warning(String message, String remedy) {
    findings.add(Finding.warning(connections.describe(), message, remedy));
  }

  private void checkVersion(String version) {
    int dot = version.indexOf('.');
    int major = dot < 0 ? 0 : Integer.parseInt(version.substring(0, dot));
    if (major < 5) {
      error("is Redis " + version + "; 5 or later is needed", "upgrade the server");
    }
  }

  private void checkBacklog(ReplicationInfo replication) {
    if (replication.backlogBytes() < BACKLOG) {
      warning(
          "keeps only "
              + (replication.backlogBytes() >> 10)
              + " kB of its replication stream: after a longer interruption every session is read"
              + " once more",
          "CONFIG SET repl-backlog-size " + BACKLOG);
    }
    if (!replication.hasBacklog()) {
      findings.add(
          Finding.change(
              connections.describe(),
              "sends one copy of its data, as to a new replica, and keeps its replication stream"
                  + " from then on"));
    }
  }

  private void checkNotifications(RedisCommands<byte[], byte[]> commands) {
    warning(
        "is followed by notifications: what changes while they are interrupted is found when all"
            + " keys are read again, and sessions are not handed over slice by slice",
        "nothing, if its replication stream cannot be had; else leave ?follow= out of the URL");
    String setting = "notify-keyspace-events";
    try {
      String events = commands.configGet(setting).getOrDefault(setting, "");
      if (!events.contains("K")
          || !(events.contains("A")
              || List.of("g", "l", "h", "$", "x", "e").stream().allMatch(events::contains))) {
        error(
            "does not notify of what is written to its keys (" + setting + " '" + events + "')",
            "CONFIG SET " + setting + " KA");
      }
    } catch (RedisCommandExecutionException e) {
      LOG.atDebug().addKeyValue("answer", e.getMessage()).log("the setting cannot be asked for");
      warning(
          "does not say whether it notifies of what is written to its keys",
          "set "
              + setting
              + " to KA where the service lets you; without it, changes are only found"
              + " when all keys are read again");
    }
  }

  private void checkMemory(Map<String, String> memory) {
    String policy = memory.getOrDefault("maxmemory_policy", "noeviction");
    if (!memory.getOrDefault("maxmemory", "0").equals("0") && !policy.equals("noeviction")) {
      warning(
          "evicts keys when its memory is full (maxmemory-policy "
              + policy
              + "); its stream tells an eviction as a deletion, so the target would lose them too",
          "CONFIG SET maxmemory-policy noeviction while the migration runs");
    }
  }

  /** Asks a server that can tell, from version 7 on, what our user may do. */
  private void checkRights(RedisCommands<byte[], byte[]> commands) {
    try {
      String who = commands.aclWhoami();
      List<String> needs = new ArrayList<>(NEEDS);
      needs.addAll(
          notified() ? List.of("psubscribe __keyspace@0__:*", "subscribe " + channel) : STREAM);
      needs.add("publish " + channel + " 0");
      for (String need : needs) {
        CommandArgs<byte[], byte[]> arguments =
            new CommandArgs<>(ByteArrayCodec.INSTANCE).add("DRYRUN").add(who);
        for (String word : need.split(" ", -1)) {
          arguments.add(word);
        }
        String answer =
            commands.dispatch(
                CommandType.ACL, new StatusOutput<>(ByteArrayCodec.INSTANCE), arguments);
        if (!"OK".equals(answer)) {
          error(
              "refuses " + need.substring(0, need.indexOf(" ")) + " to user " + who,
              "ACL SETUSER "
                  + who
                  + (notified() ? " +psubscribe +subscribe" : " +psync +replconf +command")
                  + " +publish +info +ping +select +time +@read +@transaction ~* &"
                  + channel
                  + (notified() ? " &__keyspace@*" : ""));
        }
      }
    } catch (RedisCommandExecutionException e) {
      LOG.atDebug().addKeyValue("answer", e.getMessage()).log("rights cannot be asked for");
      if (e.getMessage().startsWith("NOPERM")) {
        warning(
            "does not let its user ask what it may do, so rights are not checked",
            "give it +acl|whoami +acl|dryrun, or see docs/how-to/move-from-redis.md");
      }
    }
  }

  /** Looks at some keys: what the layout means, and what stays. */
  private List<Finding> checkKeys(RedisCommands<byte[], byte[]> commands) {
    long all = commands.dbsize();
    Map<String, Integer> left = new TreeMap<>();
    int seen = 0;
    int meant = 0;
    KeyScanCursor<byte[]> cursor = commands.scan(ScanArgs.Builder.limit(1000));
    while (true) {
      for (byte[] key : cursor.getKeys()) {
        seen++;
        String text = new String(key, UTF_8);
        if (keys.meant(text).isPresent()) {
          meant++;
        } else {
          left.merge(prefix(text), 1, Integer::sum);
        }
      }
      if (cursor.isFinished() || seen >= SAMPLE) {
        break;
      }
      cursor = commands.scan(cursor, ScanArgs.Builder.limit(1000));
    }
    if (meant == 0) {
      warning(
          "has no key that the layout means among " + seen + " of " + all,
          "see what it looks for: segue layouts show; or name a database in the URL");
    }
    if (!left.isEmpty()) {
      String names =
          left.entrySet().stream()
              .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
              .limit(SHOWN)
              .map(e -> e.getKey() + " (" + e.getValue() + ")")
              .collect(Collectors.joining(", "));
      warning(
          (seen - meant)
              + " of "
              + seen
              + " keys looked at are not part of the layout and stay where they are: "
              + names,
          "nothing, if they are caches, locks or limits; else put them into a layout of your own");
    }
    return findings;
  }

  /** A key's name up to its first colon: what is behind it may be somebody's. */
  private static String prefix(String key) {
    int colon = key.indexOf(':');
    return colon < 0 ? "(no prefix)" : key.substring(0, colon + 1) + "…";
  }
}
