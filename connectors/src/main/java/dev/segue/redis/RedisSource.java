package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.Field;
import dev.segue.canonical.Kind;
import dev.segue.canonical.SourcePosition;
import dev.segue.finding.Finding;
import dev.segue.layout.DataQuestion;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutBinding;
import dev.segue.layout.RowReader;
import dev.segue.layout.Seldom;
import dev.segue.relational.Column;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.ChangeTranslator;
import dev.segue.spi.Cutoff;
import dev.segue.spi.LogHealth;
import dev.segue.spi.MemoryVectors;
import dev.segue.spi.Ownership;
import dev.segue.spi.Removal;
import dev.segue.spi.SessionQuery;
import dev.segue.spi.SnapshotReader;
import dev.segue.spi.Source;
import dev.segue.spi.Supply;
import dev.segue.spi.Unfenced;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Redis, 5 or later, that sessions are moved away from. Nothing is ever written to it. */
public final class RedisSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSource.class);

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final LayoutBinding binding;
  private final String channel;
  private final ToldKeys told = new ToldKeys();
  private final boolean notified;
  private final Queue<String> askedFor = new ConcurrentLinkedQueue<>();
  private OwnWrites own = OwnWrites.NONE;
  private StatefulRedisConnection<byte[], byte[]> marks;

  /** Connects; the layout alone says what is there. */
  public RedisSource(RedisAddress address, Layout layout, String migration) {
    this.connections = new RedisConnections(address);
    this.channel = "segue." + migration;
    this.notified = address.following() == RedisAddress.Following.NOTIFICATIONS;
    this.keys = new RedisKeys(layout);
    this.binding =
        new LayoutBinding(
            layout, keys.tables().stream().map(RedisTable::binding).toList(), findings());
    try {
      connections.replication();
    } catch (RuntimeException e) {
      connections.close();
      throw e;
    }
  }

  /**
   * Has what the way back of the migration brings here be passed over.
   *
   * @param name the way back's
   * @param elsewhere which sessions belong to the other side right now
   */
  public void expectWayBack(String name, Supplier<Predicate<String>> elsewhere) {
    own = new OwnWrites(Optional.of(name), elsewhere);
  }

  /**
   * What a layout names in braces has to be something that there is; and what identifies a row has
   * to be told by its key, for a deletion tells no more.
   */
  private List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (RedisTable table : keys.tables()) {
      for (Field field : table.kind().identity()) {
        if (!table.isToldByKey(field)) {
          findings.add(
              Finding.error(
                  "source " + table,
                  field
                      + ", which identifies a "
                      + table.kind().wireName()
                      + ", is not told by the key",
                  "map one of " + String.join(", ", RedisTable.IN_BRACES) + " to it"));
        }
      }
      for (Column column : table.binding().table().columns()) {
        if (column.name().startsWith("{") && !RedisTable.IN_BRACES.contains(column.name())) {
          findings.add(
              Finding.error(
                  "source " + table,
                  "column " + column.name() + " is not known",
                  "in braces there can be " + String.join(", ", RedisTable.IN_BRACES)));
        }
      }
    }
    return findings;
  }

  @Override
  public String describe() {
    return connections.describe();
  }

  /** A Redis has no name that outlives a restart or a change of its master. */
  @Override
  public String identity() {
    return "redis/" + connections.address().database();
  }

  @Override
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>(binding.findings());
    findings.addAll(new RedisChecks(connections, keys, channel).run());
    return findings;
  }

  /** No type of Redis limits anything; the target's own refusals are told row by row. */
  @Override
  public List<Finding> answer(List<DataQuestion> questions) {
    return List.of();
  }

  @Override
  public void join(String migrationId) {
    // Nothing that it writes into the stream has to be told apart.
  }

  @Override
  public LayoutBinding binding() {
    return binding;
  }

  @Override
  public Map<Kind, Supply> supplies() {
    Map<Kind, Supply> supplies = new EnumMap<>(Kind.class);
    for (RedisTable table : keys.tables()) {
      RowReader reader = table.reader();
      supplies.put(
          table.kind(),
          new Supply(table.name(), reader.supplied(), Set.of(), Seldom.NONE, reader.readsItems()));
    }
    return supplies;
  }

  @Override
  public SnapshotReader prepare(Consumer<String> progress) {
    if (notified) {
      return view();
    }
    ReplicationInfo now = connections.replication();
    if (!now.hasBacklog()) {
      progress.accept("The source sends a copy, as to a new replica; it is not kept.");
      try (ReplicationLink link = new ReplicationLink(connections, List.of(), "?", -1, 0)) {
        link.awaitStart();
      }
      now = connections.replication();
    }
    LOG.atInfo().addKeyValue("offset", now.offset()).log("history ends here");
    return view(now);
  }

  private SnapshotReader view(ReplicationInfo at) {
    Cutoff cutoff = new Cutoff(SourcePosition.formatLog(at.offset()), at.history());
    return new RedisSnapshot(connections, keys, cutoff, own.keys(), unused -> {});
  }

  @Override
  public SnapshotReader view() {
    if (notified) {
      Cutoff now = new Cutoff(SourcePosition.formatLog(System.currentTimeMillis()), "notified");
      return new RedisSnapshot(connections, keys, now, own.keys(), told::history);
    }
    return view(connections.replication());
  }

  /** Keys are read in no order that could be gone on with. */
  @Override
  public String storage() {
    return UUID.randomUUID().toString();
  }

  @Override
  public void read(Collection<String> sessions, SnapshotReader.RowConsumer consumer) {
    try (RedisReader reader = new RedisReader(connections, own.keys())) {
      RedisSnapshot.read(reader, keys, sessions, consumer);
    }
  }

  @Override
  public List<Removal> removals() {
    return List.of();
  }

  @Override
  public ChangeStream changes(Cutoff cutoff) {
    if (notified) {
      return new NotifiedChangeStream(connections, keys, channel, cutoff, askedFor, told);
    }
    return new RedisChangeStream(connections, keys, channel, cutoff, askedFor, own);
  }

  @Override
  public boolean tellAnew(Collection<String> sessions) {
    askedFor.addAll(sessions);
    return true;
  }

  @Override
  public List<String> find(SessionQuery query) {
    return new RedisSearch(connections, keys).find(query);
  }

  @Override
  public Optional<MemoryVectors> vectors() {
    return Optional.empty();
  }

  @Override
  public Ownership ownership() {
    return notified ? Unfenced.oneWay(describe()) : Unfenced.untilRouted(describe());
  }

  @Override
  public ChangeTranslator translator() {
    return (value, position, departed) ->
        RedisEvent.read(value, position == null ? SourcePosition.START : position, keys);
  }

  /** A mark is a message that nobody listens to: the stream has it, and no key is written. */
  @Override
  public synchronized long mark(String nonce, long sentAt) {
    try {
      if (marks == null || !marks.isOpen()) {
        marks = connections.open();
      }
      RedisCommands<byte[], byte[]> commands = marks.sync();
      commands.publish(channel.getBytes(UTF_8), (nonce + " " + sentAt).getBytes(UTF_8));
      return ReplicationInfo.parse(commands.info("replication")).offset();
    } catch (RedisException e) {
      if (marks != null) {
        marks.close();
        marks = null;
      }
      throw RedisFaults.translate(e, "publishing a mark on " + describe());
    }
  }

  @Override
  public LogHealth health() {
    ReplicationInfo now = connections.replication();
    if (notified) {
      return new LogHealth("notifications", "heard", true, 0, "");
    }
    return new LogHealth(
        "replication stream",
        now.hasBacklog() ? "kept" : "not kept",
        now.hasBacklog(),
        0,
        SourcePosition.formatLog(now.offset()));
  }

  @Override
  public boolean keepsExpired() {
    return keys.tables().stream().anyMatch(table -> table.rule().keepExpired());
  }

  @Override
  public Optional<Finding> taken() {
    return Optional.empty();
  }

  @Override
  public Optional<Finding> drift() {
    return Optional.empty();
  }

  @Override
  public synchronized void close() {
    if (marks != null) {
      marks.close();
      marks = null;
    }
    connections.close();
  }
}
