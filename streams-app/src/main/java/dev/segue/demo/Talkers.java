package dev.segue.demo;

import dev.segue.client.SegueRoutes;
import dev.segue.client.SegueRoutes.Side;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients that follow their sessions to whichever side owns them, and remember what each side has
 * acknowledged: an oracle that knows nothing of how rows are moved. A write that is refused because
 * its session moved is tried again; one that is not acknowledged for ten seconds has failed.
 */
public final class Talkers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Talkers.class);
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final Map<Side, Workload.Connector> sides;
  private final SegueRoutes routes;
  private final List<UUID> began;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<UUID, Said> acknowledged = new ConcurrentHashMap<>();
  private final Set<UUID> deleted = ConcurrentHashMap.newKeySet();
  private final Set<UUID> opened = ConcurrentHashMap.newKeySet();
  private final List<Long> pauses = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong atTarget = new AtomicLong();
  private volatile boolean stopped;
  private volatile Exception failure;

  /** What a message must be on both sides, and where it was said. */
  private record Said(UUID session, String content, Side at) {
    boolean isSameAs(Application.Message held) {
      return session.equals(held.session()) && content.equals(held.content());
    }
  }

  private Talkers(Map<Side, Workload.Connector> sides, SegueRoutes routes, List<UUID> began) {
    this.sides = sides;
    this.routes = routes;
    this.began = List.copyOf(began);
  }

  /**
   * Starts clients.
   *
   * @param routes where they ask for the way; may be null, then they learn it from refusals alone
   * @param sessions of the history that they go on with
   * @param rate transactions a second, all clients together
   */
  public static Talkers start(
      Workload.Connector source,
      Workload.Connector target,
      SegueRoutes routes,
      List<UUID> sessions,
      int clients,
      int rate,
      long seed) {
    Map<Side, Workload.Connector> sides = new EnumMap<>(Side.class);
    sides.put(Side.SOURCE, source);
    sides.put(Side.TARGET, target);
    Talkers talkers = new Talkers(sides, routes, sessions);
    for (int i = 0; i < clients; i++) {
      List<UUID> own = new ArrayList<>();
      for (int s = i; s < sessions.size(); s += clients) {
        own.add(sessions.get(s));
      }
      Client client = talkers.new Client(own, new Random(seed * 131 + i), (double) rate / clients);
      Thread thread = new Thread(client, "talker-" + i);
      talkers.threads.add(thread);
      thread.start();
    }
    return talkers;
  }

  /** The sessions of the demo's history. */
  public static List<UUID> history(long seed, int sessions) {
    List<UUID> all = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      all.add(Store.session(seed, i));
    }
    return all;
  }

  public long transactions() {
    return transactions.get();
  }

  /** Transactions that the target accepted. */
  public long atTarget() {
    return atTarget.get();
  }

  /** Transactions that no side acknowledged within ten seconds. */
  public long failed() {
    return failed.get();
  }

  /** How long writes took that met a session while it changed hands, milliseconds, sorted. */
  public List<Long> pauses() {
    synchronized (pauses) {
      return pauses.stream().sorted().toList();
    }
  }

  /** All sessions that they talked in. */
  public Set<UUID> sessions() {
    Set<UUID> all = new HashSet<>(opened);
    all.addAll(began);
    return all;
  }

  /** Messages, by id, that were said at the target, with their sessions. */
  public Map<UUID, UUID> saidAtTarget() {
    Map<UUID, UUID> messages = new HashMap<>();
    acknowledged.forEach(
        (message, said) -> {
          if (said.at() == Side.TARGET) {
            messages.put(message, said.session());
          }
        });
    return messages;
  }

  /** Whether a message was not deleted since. */
  public boolean isStillSaid(UUID message) {
    return acknowledged.containsKey(message);
  }

  /** Ends them; throws what stopped one of them. */
  public void finish() throws Exception {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    stopped = true;
  }

  /**
   * What became of what was acknowledged.
   *
   * @param messages that must be on both sides
   * @param lost those that a side does not have, and sessions likewise
   * @param altered those that are not as they were said
   * @param undead those that are there although their deletion was acknowledged
   */
  public record Verdict(long messages, long lost, long altered, long undead) {
    public boolean foundNothing() {
      return messages > 0 && lost == 0 && altered == 0 && undead == 0;
    }
  }

  /** Compares what was acknowledged with what each side has; nobody may write meanwhile. */
  public Verdict judge() throws SQLException {
    long lost = 0;
    long altered = 0;
    long undead = 0;
    for (Side side : Side.values()) {
      try (Connection connection = sides.get(side).open()) {
        Map<UUID, Application.Message> held = Application.messages(connection, side);
        for (Map.Entry<UUID, Said> said : acknowledged.entrySet()) {
          Application.Message found = held.get(said.getKey());
          if (found == null) {
            lost++;
          } else if (!said.getValue().isSameAs(found)) {
            altered++;
          }
        }
        Set<UUID> sessions = Application.sessions(connection, side);
        lost += opened.stream().filter(session -> !sessions.contains(session)).count();
        undead += deleted.stream().filter(held::containsKey).count();
      }
    }
    return new Verdict(acknowledged.size(), lost, altered, undead);
  }

  /** One transaction, whatever the side; done again if it is refused. */
  private interface Act {
    void on(Connection connection, Side side) throws SQLException;
  }

  private final class Client implements Runnable {
    private final List<UUID> sessions;
    private final Random random;
    private final double rate;
    private final Map<UUID, List<UUID>> said = new HashMap<>();
    private final Map<UUID, Side> believed = new HashMap<>();
    private final Map<Side, Connection> connections = new EnumMap<>(Side.class);

    Client(List<UUID> sessions, Random random, double rate) {
      this.sessions = sessions;
      this.random = random;
      this.rate = rate;
    }

    @Override
    public void run() {
      try {
        long from = System.nanoTime();
        for (long i = 0; !stopped; i++) {
          long wait = from + (long) (i / rate * 1e9) - System.nanoTime();
          if (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
          }
          talk();
        }
      } catch (SQLException | RuntimeException e) {
        failure = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        connections.values().forEach(Client::discard);
      }
    }

    private static void discard(Connection connection) {
      try {
        connection.close();
      } catch (SQLException e) {
        LOG.atDebug().setCause(e).log("closing a session failed");
      }
    }

    private UUID id() {
      long high = (random.nextLong() & ~0xF000L) | 0x4000L;
      long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
      return new UUID(high, low);
    }

    private void talk() throws SQLException, InterruptedException {
      int dice = random.nextInt(100);
      if (dice < 4) {
        open();
        return;
      }
      UUID session = sessions.get(random.nextInt(sessions.size()));
      List<UUID> mine = said.computeIfAbsent(session, unused -> new ArrayList<>());
      if (dice < 20 && !mine.isEmpty()) {
        UUID message = mine.get(random.nextInt(mine.size()));
        String content = "edited " + random.nextInt();
        Side at = perform(session, (c, side) -> Application.edit(c, side, message, content));
        if (at != null) {
          acknowledged.put(message, new Said(session, content, at));
        }
      } else if (dice < 28 && mine.size() > 3) {
        UUID message = mine.get(random.nextInt(mine.size()));
        if (perform(session, (c, side) -> Application.delete(c, side, message)) != null) {
          mine.remove(message);
          acknowledged.remove(message);
          deleted.add(message);
        }
      } else {
        say(session, mine);
      }
    }

    private void open() throws SQLException, InterruptedException {
      UUID session = id();
      if (perform(session, (c, side) -> Application.open(c, side, session)) != null) {
        sessions.add(session);
        opened.add(session);
      }
    }

    private void say(UUID session, List<UUID> mine) throws SQLException, InterruptedException {
      Map<UUID, String> messages = new HashMap<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        messages.put(id(), "said «" + random.nextInt() + "»\n\t\\");
      }
      Side at = perform(session, (c, side) -> Application.say(c, side, session, messages));
      if (at != null) {
        messages.forEach(
            (message, content) -> {
              mine.add(message);
              acknowledged.put(message, new Said(session, content, at));
            });
      }
    }

    /** The side that has acknowledged it; null if none did. */
    private Side perform(UUID session, Act act) throws SQLException, InterruptedException {
      long from = System.nanoTime();
      boolean met = false;
      while (System.nanoTime() - from < PATIENCE_NANOS) {
        Side side = side(session);
        try {
          Connection connection = connection(side);
          act.on(connection, side);
          connection.commit();
          transactions.incrementAndGet();
          if (side == Side.TARGET) {
            atTarget.incrementAndGet();
          }
          if (met) {
            pauses.add((System.nanoTime() - from) / 1_000_000);
          }
          return side;
        } catch (SQLException e) {
          met |= recover(session, side, e);
        }
      }
      failed.incrementAndGet();
      return null;
    }

    private Side side(UUID session) {
      Side known = believed.get(session);
      if (known != null) {
        return known;
      }
      Side told =
          routes == null
              ? Side.SOURCE
              : routes.route(session.toString()).map(SegueRoutes.Route::owner).orElse(Side.SOURCE);
      believed.put(session, told);
      return told;
    }

    /** Whether the write was refused because its session moves. */
    private boolean recover(UUID session, Side side, SQLException e)
        throws SQLException, InterruptedException {
      String state = e.getSQLState() == null ? "" : e.getSQLState();
      if (state.equals(SegueRoutes.MOVED)) {
        connections.get(side).rollback();
        if (routes != null) {
          routes.forget(session.toString());
        }
        believed.put(session, side == Side.SOURCE ? Side.TARGET : Side.SOURCE);
        // Both sides refuse while the one knows already and the other does not yet.
        Thread.sleep(1);
        return true;
      }
      if (state.equals(SegueRoutes.MOVING) || state.equals("40001")) {
        connections.get(side).rollback();
        Thread.sleep(2);
        return state.equals(SegueRoutes.MOVING);
      }
      if (state.startsWith("08") || state.startsWith("57P")) {
        Connection lost = connections.remove(side);
        if (lost != null) {
          discard(lost);
        }
        Thread.sleep(200);
        return false;
      }
      throw e;
    }

    private Connection connection(Side side) throws SQLException {
      Connection connection = connections.get(side);
      if (connection == null) {
        connection = sides.get(side).open();
        connection.setAutoCommit(false);
        connections.put(side, connection);
      }
      return connection;
    }
  }
}
