package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Cutoff;
import dev.segue.spi.SystemFault;
import dev.segue.spi.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the replication stream from where the topic has it. Where the server cannot go on there,
 * because it threw that part away or began anew, every key is read once more in between.
 */
final class RedisChangeStream implements ChangeStream {
  private static final Logger LOG = LoggerFactory.getLogger(RedisChangeStream.class);

  private static final Set<String> FATAL = Set.of("FLUSHALL", "FLUSHDB", "SWAPDB");
  private static final int COMMANDS = 1000;
  private static final Duration WAIT = Duration.ofMillis(20);

  /** So many sessions that are read once more go with each batch of commands. */
  private static final int SESSIONS = 200;

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final String channel;
  private final Cutoff cutoff;
  private final AskedFor askedFor;
  private final OwnWrites own;
  private volatile boolean closing;
  private volatile ReplicationLink attached;

  /**
   * @param channel that marks are published on
   * @param askedFor sessions to be told once more, in between; may grow at any time
   * @param own tells what this migration brings here itself
   */
  RedisChangeStream(
      RedisConnections connections,
      RedisKeys keys,
      String channel,
      Cutoff cutoff,
      Queue<String> askedFor,
      OwnWrites own) {
    this.connections = connections;
    this.keys = keys;
    this.channel = channel;
    this.cutoff = cutoff;
    this.askedFor = new AskedFor(keys, askedFor);
    this.own = own;
  }

  @Override
  public void run(Optional<Watermark> watermark, BatchHandler handler) {
    WrittenKeys written = WrittenKeys.of(connections);
    StreamPlace place = watermark.map(StreamPlace::of).orElseGet(() -> StreamPlace.of(cutoff));
    Set<String> commands = new HashSet<>(written.commands());
    commands.addAll(List.of("PUBLISH", "MULTI", "EXEC"));
    ReplicationInfo now = connections.replication();
    // A server that is asked for what it has not would send a copy of everything instead.
    boolean lost = now.hasBacklog() && !now.has(place.history(), place.offset());
    try (ReplicationLink link =
            lost
                ? new ReplicationLink(
                    connections, commands, now.history(), now.offset(), StreamPlace.UNKNOWN)
                : new ReplicationLink(
                    connections, commands, place.history(), place.offset(), place.database());
        RedisReader reader = new RedisReader(connections, own.keys())) {
      attached = link;
      ReplicationLink.Start start = link.awaitStart();
      StreamPlace from =
          start.continued() && !lost ? place.continued(start) : place.interrupted(start);
      LOG.atInfo()
          .addKeyValue("offset", from.offset())
          .addKeyValue("continued", !from.incomplete())
          .log("capture starts");
      new Follower(link, reader, written, from, handler).follow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("capture was interrupted", e);
    }
  }

  @Override
  public void close() {
    closing = true;
    ReplicationLink link = attached;
    if (link != null) {
      link.close();
    }
  }

  /** One run, in one thread. */
  private final class Follower {
    private final ReplicationLink link;
    private final WrittenKeys written;
    private final BatchHandler handler;
    private final KeyChanges changes;
    private final List<ChangeEvent> events = new ArrayList<>();
    private final List<byte[]> held = new ArrayList<>();
    private final int ours = connections.address().database();
    private final List<ReplicationLink.Replicated> transaction = new ArrayList<>();
    private boolean inTransaction;
    private StreamPlace place;
    private Iterator<String> unread = List.<String>of().iterator();
    private long log = -1;
    private int ordinal;

    Follower(
        ReplicationLink link,
        RedisReader reader,
        WrittenKeys written,
        StreamPlace place,
        BatchHandler handler) {
      this.link = link;
      this.written = written;
      this.place = place;
      this.handler = handler;
      this.changes =
          new KeyChanges(
              keys, reader, (session, event) -> add(Optional.of(session), event), Optional.empty());
    }

    void follow() throws InterruptedException {
      if (place.incomplete()) {
        Set<String> sessions = new LinkedHashSet<>();
        connections.scan(
            keys.glob(),
            key ->
                keys.meant(new String(key, UTF_8))
                    .ifPresent(meant -> sessions.add(meant.session())));
        // Those of the other side are only what was brought here.
        sessions.removeIf(own.broughtHere());
        LOG.atWarn()
            .addKeyValue("sessions", sessions.size())
            .log(
                "the replication stream has a gap; every session is read once more. Sessions that"
                    + " were deleted meanwhile: segue verify --repair");
        unread = sessions.iterator();
      }
      while (!closing) {
        List<ReplicationLink.Replicated> commands =
            link.take(COMMANDS, unread.hasNext() ? Duration.ZERO : WAIT);
        commands.forEach(this::take);
        for (int i = 0; i < SESSIONS && unread.hasNext(); i++) {
          keys.ofSession(unread.next()).forEach(meant -> changes.look(meant, false));
        }
        changes.settle();
        if (place.incomplete() && !unread.hasNext()) {
          place = place.complete();
          LOG.atInfo().log("every session is read; the gap is closed");
          held.forEach(mark -> add(Optional.empty(), mark));
          held.clear();
        }
        flush();
      }
    }

    private void flush() {
      if (!events.isEmpty()) {
        handler.handle(List.copyOf(events), place.reach());
        events.clear();
      }
    }

    /**
     * Takes a transaction as a whole: what we bring here ourselves is told by one command of it,
     * and a place in the middle of it would be none to go on from.
     */
    private void take(ReplicationLink.Replicated command) {
      switch (command.command()) {
        case "MULTI" -> inTransaction = true;
        case "EXEC" -> {
          if (transaction.stream().anyMatch(each -> own.is(written.of(each)))) {
            transaction.forEach(each -> changes.forget(written.of(each)));
          } else {
            transaction.forEach(this::execute);
          }
          transaction.clear();
          inTransaction = false;
          place = place.at(command.offset(), databaseOf(command));
        }
        default -> {
          if (inTransaction) {
            transaction.add(command);
          } else {
            execute(command);
          }
        }
      }
    }

    private int databaseOf(ReplicationLink.Replicated command) {
      return command.database() == StreamPlace.UNKNOWN ? place.database() : command.database();
    }

    private void execute(ReplicationLink.Replicated command) {
      int database = databaseOf(command);
      place = place.at(command.offset(), database);
      if (command.command().equals("PUBLISH")) {
        mark(command);
      } else if (FATAL.contains(command.command())
          && (mayBeOurs(database) || !command.command().equals("FLUSHDB"))) {
        throw SystemFault.permanent(
            command.command() + " emptied the source or put another database in its place",
            "the target keeps what it has; complete --abandon, and begin anew if that was meant");
      } else if (mayBeOurs(database)) {
        changes.command(command, written.of(command), database != StreamPlace.UNKNOWN);
      }
    }

    private boolean mayBeOurs(int database) {
      return database == ours || database == StreamPlace.UNKNOWN;
    }

    private void mark(ReplicationLink.Replicated command) {
      if (!new String(command.arguments()[0], UTF_8).equals(channel)) {
        return;
      }
      // Whoever published it had our database selected, so the stream has it selected too.
      place = place.at(command.offset(), ours);
      // What came before it, and what was asked for before it, has to go before it.
      changes.settle();
      askedFor.tell(changes, (session, event) -> add(Optional.of(session), event), this::flush);
      String[] parts = new String(command.arguments()[1], UTF_8).split(" ", 2);
      byte[] event =
          RedisEvent.mark(parts[0], Long.parseLong(parts[1]), System.currentTimeMillis());
      if (place.incomplete()) {
        // It says that all is told, which is not so yet.
        held.add(event);
      } else {
        add(Optional.empty(), event);
      }
    }

    private void add(Optional<String> session, byte[] event) {
      events.add(new ChangeEvent(next(), log, session, Optional.empty(), event));
    }

    private SourcePosition next() {
      if (place.log() != log) {
        log = place.log();
        ordinal = 0;
      }
      return new SourcePosition(log, log, ++ordinal);
    }
  }
}
