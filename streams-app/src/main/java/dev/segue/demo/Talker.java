package dev.segue.demo;

import dev.segue.client.SegueRoutes;
import dev.segue.client.SegueRoutes.Side;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks for many people, in their sessions, at a rate. Who is refused because their session moves
 * waits and is tried again; the others go on meanwhile.
 */
final class Talker {
  private static final Logger LOG = LoggerFactory.getLogger(Talker.class);
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  /** A refused write is tried again after this, then after twice as long, and so on. */
  private static final long FIRST_WAIT_MILLIS = 5;

  private static final long LONGEST_WAIT_MILLIS = 80;

  /** Both sides refuse while the one knows already who owns a session, and the other does not. */
  private static final long MOVED_WAIT_MILLIS = 1;

  private static final long CONFLICT_WAIT_MILLIS = 2;
  private static final long LOST_WAIT_MILLIS = 200;

  private final Map<Side, Workload.Connector> sides;
  private final SegueRoutes routes;
  private final Spoken spoken;
  private final List<UUID> sessions;
  private final Random random;
  private final Map<UUID, List<UUID>> said = new HashMap<>();
  private final Map<UUID, Side> believed = new HashMap<>();
  private final Map<Side, Connection> connections = new EnumMap<>(Side.class);
  private final PriorityQueue<Write> waiting =
      new PriorityQueue<>(Comparator.comparingLong(write -> write.due));
  private final Set<UUID> silent = new HashSet<>();

  /**
   * One who speaks.
   *
   * @param routes where to ask for the way; may be null, then it is learnt from refusals alone
   * @param sessions that nobody else speaks in
   */
  Talker(
      Map<Side, Workload.Connector> sides,
      SegueRoutes routes,
      Spoken spoken,
      List<UUID> sessions,
      Random random) {
    this.sides = sides;
    this.routes = routes;
    this.spoken = spoken;
    this.sessions = new ArrayList<>(sessions);
    this.random = random;
  }

  /** One transaction, whatever the side; done again if it is refused. */
  private interface Act {
    void on(Connection connection, Side side) throws SQLException;
  }

  /** What somebody waits for. */
  private static final class Write {
    private final UUID session;
    private final Act act;
    private final Consumer<Side> done;
    private final long began = System.nanoTime();
    private long due = began;
    private long wait = FIRST_WAIT_MILLIS;
    private boolean met;

    Write(UUID session, Act act, Consumer<Side> done) {
      this.session = session;
      this.act = act;
      this.done = done;
    }

    void later(long millis) {
      due = System.nanoTime() + millis * 1_000_000;
    }

    /** Its session is changing hands. */
    void meet() {
      met = true;
      later(wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MILLIS);
    }
  }

  /**
   * Speaks until it is told to stop, and nobody waits.
   *
   * @param rate transactions a second
   * @throws SQLException if a side refused what it should not
   */
  void talk(double rate, BooleanSupplier stopped) throws SQLException, InterruptedException {
    long from = System.nanoTime();
    long number = 0;
    try {
      while (!stopped.getAsBoolean() || !waiting.isEmpty()) {
        long next = stopped.getAsBoolean() ? Long.MAX_VALUE : from + (long) (number / rate * 1e9);
        if (!waiting.isEmpty() && waiting.peek().due <= next) {
          sleepUntil(waiting.peek().due);
          perform(waiting.poll());
        } else {
          sleepUntil(next);
          speak();
          number++;
        }
      }
    } finally {
      connections.values().forEach(Talker::discard);
    }
  }

  private static void sleepUntil(long time) throws InterruptedException {
    long wait = time - System.nanoTime();
    if (wait > 0) {
      Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
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

  private void speak() throws SQLException {
    int dice = random.nextInt(100);
    if (dice < 4) {
      open();
      return;
    }
    UUID session = sessions.get(random.nextInt(sessions.size()));
    if (silent.contains(session)) {
      return;
    }
    List<UUID> mine = said.computeIfAbsent(session, unused -> new ArrayList<>());
    if (dice < 20 && !mine.isEmpty()) {
      UUID message = mine.get(random.nextInt(mine.size()));
      String content = "edited " + random.nextInt();
      perform(
          new Write(
              session,
              (c, side) -> Application.edit(c, side, message, content),
              side -> spoken.said(message, session, content, side)));
    } else if (dice < 28 && mine.size() > 3) {
      UUID message = mine.get(random.nextInt(mine.size()));
      perform(
          new Write(
              session,
              (c, side) -> Application.delete(c, side, message),
              side -> {
                mine.remove(message);
                spoken.deleted(message);
              }));
    } else {
      say(session, mine);
    }
  }

  private void open() throws SQLException {
    UUID session = id();
    perform(
        new Write(
            session,
            (c, side) -> Application.open(c, side, session),
            side -> {
              sessions.add(session);
              spoken.opened(session);
            }));
  }

  private void say(UUID session, List<UUID> mine) throws SQLException {
    Map<UUID, String> messages = new HashMap<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      messages.put(id(), "said «" + random.nextInt() + "»\n\t\\");
    }
    perform(
        new Write(
            session,
            (c, side) -> Application.say(c, side, session, messages),
            side ->
                messages.forEach(
                    (message, content) -> {
                      mine.add(message);
                      spoken.said(message, session, content, side);
                    })));
  }

  /** Tries a write; it waits if it is refused. */
  private void perform(Write write) throws SQLException {
    Side side = side(write.session);
    try {
      Connection connection = connection(side);
      write.act.on(connection, side);
      connection.commit();
    } catch (SQLException e) {
      recover(write, side, e);
      if (write.due - write.began < PATIENCE_NANOS) {
        silent.add(write.session);
        waiting.add(write);
      } else {
        silent.remove(write.session);
        spoken.failed();
      }
      return;
    }
    silent.remove(write.session);
    spoken.committed(side);
    if (write.met) {
      spoken.waited((System.nanoTime() - write.began) / 1_000_000);
    }
    write.done.accept(side);
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

  private void recover(Write write, Side side, SQLException e) throws SQLException {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    switch (state) {
      case SegueRoutes.MOVED -> {
        connections.get(side).rollback();
        if (routes != null) {
          routes.forget(write.session.toString());
        }
        believed.put(write.session, side == Side.SOURCE ? Side.TARGET : Side.SOURCE);
        write.later(MOVED_WAIT_MILLIS);
      }
      case SegueRoutes.MOVING -> {
        connections.get(side).rollback();
        write.meet();
      }
      case "40001" -> {
        connections.get(side).rollback();
        write.later(CONFLICT_WAIT_MILLIS);
      }
      default -> {
        if (!state.startsWith("08") && !state.startsWith("57P")) {
          throw e;
        }
        Connection lost = connections.remove(side);
        if (lost != null) {
          discard(lost);
        }
        write.later(LOST_WAIT_MILLIS);
      }
    }
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
