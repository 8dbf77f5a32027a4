package dev.segue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.ChangeEvent;
import dev.segue.spi.ChangeStream;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Reach;
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
 * Follows a Redis that lets nobody have its replication stream. Notifications say which keys to
 * read; when some may have been missed, and now and then for those that are never sent, all keys
 * are read and compared with what was told of them.
 */
final class NotifiedChangeStream implements ChangeStream {
  private static final Logger LOG = LoggerFactory.getLogger(NotifiedChangeStream.class);

  private static final int TOGETHER = 1000;
  private static final int SESSIONS = 100;
  private static final Duration WAIT = Duration.ofMillis(20);
  private static final Duration LEAST_REST = Duration.ofSeconds(30);

  /** Sweeping takes a sixth of the time at most, but for the first time. */
  private static final int RESTS = 5;

  private final RedisConnections connections;
  private final RedisKeys keys;
  private final String channel;
  private final Cutoff cutoff;
  private final AskedFor askedFor;
  private final ToldKeys told;
  private volatile boolean closing;

  /**
   * @param channel that marks are published on
   * @param askedFor sessions to be told once more, in between; may grow at any time
   * @param told what this process has told before, by history too
   */
  NotifiedChangeStream(
      RedisConnections connections,
      RedisKeys keys,
      String channel,
      Cutoff cutoff,
      Queue<String> askedFor,
      ToldKeys told) {
    this.connections = connections;
    this.keys = keys;
    this.channel = channel;
    this.cutoff = cutoff;
    this.askedFor = new AskedFor(keys, askedFor);
    this.told = told;
  }

  @Override
  public void run(Optional<Watermark> watermark, BatchHandler handler) {
    long last =
        watermark
            .map(known -> known.position().after())
            .orElseGet(() -> SourcePosition.parseLog(cutoff.log()));
    told.forgetPending();
    try (Notifications notifications = new Notifications(connections, keys.glob(), channel);
        RedisReader reader = new RedisReader(connections)) {
      LOG.atInfo()
          .addKeyValue("known", told.keys().size())
          .log("capture starts; every key is read");
      new Follower(notifications, reader, last, handler).follow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SystemFault.passing("capture was interrupted", e);
    }
  }

  @Override
  public void close() {
    closing = true;
  }

  /** One run, in one thread. */
  private final class Follower {
    private final Notifications notifications;
    private final BatchHandler handler;
    private final KeyChanges changes;
    private final List<ChangeEvent> events = new ArrayList<>();
    private final List<Notifications.Said> held = new ArrayList<>();
    private long log;
    private int ordinal;
    private boolean complete;
    private Sweep sweep = new Sweep();
    private long due;

    Follower(Notifications notifications, RedisReader reader, long last, BatchHandler handler) {
      this.notifications = notifications;
      this.handler = handler;
      this.log = Math.max(last + 1, System.currentTimeMillis());
      this.changes =
          new KeyChanges(
              keys,
              reader,
              (session, event) -> add(Optional.of(session), event),
              Optional.of(told));
    }

    void follow() throws InterruptedException {
      while (!closing) {
        boolean sweeping = sweep.hasNext();
        for (Notifications.Said said :
            notifications.take(TOGETHER, sweeping ? Duration.ZERO : WAIT)) {
          if (said.key().isEmpty()) {
            mark(said);
          } else {
            keys.meant(new String(said.key().get(), UTF_8))
                .ifPresent(meant -> changes.look(meant, false));
          }
        }
        changes.settle();
        if (sweeping) {
          goOnSweeping();
        } else if (System.nanoTime() > due) {
          sweep = new Sweep();
        }
        flush();
      }
    }

    private void goOnSweeping() {
      changes.compare(sweep.some());
      if (sweep.hasNext()) {
        return;
      }
      sweep.missing().forEach(meant -> changes.look(meant, false));
      changes.settle();
      due = System.nanoTime() + Math.max(LEAST_REST.toNanos(), RESTS * sweep.took());
      if (!complete) {
        complete = true;
        LOG.atInfo().log("every key is read");
        held.forEach(this::mark);
        held.clear();
      }
    }

    /** Has a mark travel behind what was there when it was published. */
    private void mark(Notifications.Said said) {
      if (!complete) {
        held.add(said);
        return;
      }
      changes.settle();
      askedFor.tell(changes, (session, event) -> add(Optional.of(session), event), this::flush);
      String[] parts = said.mark().split(" ", 2);
      add(
          Optional.empty(),
          RedisEvent.mark(parts[0], Long.parseLong(parts[1]), System.currentTimeMillis()));
    }

    private void flush() {
      if (!events.isEmpty()) {
        handler.handle(List.copyOf(events), reach());
        events.clear();
        log = Math.max(log + 1, System.currentTimeMillis());
        ordinal = 0;
      }
      told.settle();
    }

    /** Whoever goes on by the replication stream one day finds a gap here. */
    private Reach reach() {
      return new StreamPlace("notified", log, StreamPlace.UNKNOWN, 0, true).reach();
    }

    private void add(Optional<String> session, byte[] event) {
      SourcePosition position = new SourcePosition(log, log, ++ordinal);
      events.add(new ChangeEvent(position, log, session, Optional.empty(), event));
    }
  }

  /** One look at everything. */
  private final class Sweep {
    private final Set<String> before = told.keys();
    private final Set<String> seen = new HashSet<>();
    private final Iterator<String> sessions;
    private final long began = System.nanoTime();

    Sweep() {
      Set<String> found = new LinkedHashSet<>();
      connections.scan(
          keys.glob(),
          key ->
              keys.meant(new String(key, UTF_8))
                  .ifPresent(
                      meant -> {
                        seen.add(meant.key());
                        found.add(meant.session());
                      }));
      sessions = found.iterator();
    }

    boolean hasNext() {
      return sessions.hasNext();
    }

    /** The keys of the next sessions. */
    List<RedisKeys.Meant> some() {
      List<RedisKeys.Meant> some = new ArrayList<>();
      for (int i = 0; i < SESSIONS && sessions.hasNext(); i++) {
        some.addAll(keys.ofSession(sessions.next()));
      }
      return some;
    }

    /** Keys that were told of and are not there. */
    List<RedisKeys.Meant> missing() {
      return before.stream()
          .filter(key -> !seen.contains(key))
          .flatMap(key -> keys.meant(key).stream())
          .toList();
    }

    long took() {
      return System.nanoTime() - began;
    }
  }
}
