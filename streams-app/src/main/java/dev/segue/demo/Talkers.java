package dev.segue.demo;

import dev.segue.client.SegueRoutes;
import dev.segue.client.SegueRoutes.Side;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * People who follow their sessions to whichever side owns them. A write that is refused because its
 * session moved is tried again; one that is not acknowledged for ten seconds has failed.
 */
public final class Talkers implements AutoCloseable {
  private final Map<Side, Workload.Connector> sides;
  private final List<UUID> began;
  private final List<Thread> threads = new ArrayList<>();
  private final Spoken spoken = new Spoken();
  private volatile boolean stopped;
  private volatile Exception failure;

  private Talkers(Map<Side, Workload.Connector> sides, List<UUID> began) {
    this.sides = sides;
    this.began = List.copyOf(began);
  }

  /**
   * Starts clients.
   *
   * @param routes where they ask for the way; may be null, then they learn it from refusals alone
   * @param sessions of the history that they go on with
   * @param clients how many connections to each side they share
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
    Map<Side, Workload.Connector> sides = Map.of(Side.SOURCE, source, Side.TARGET, target);
    Talkers talkers = new Talkers(sides, sessions);
    for (int i = 0; i < clients; i++) {
      List<UUID> own = new ArrayList<>();
      for (int s = i; s < sessions.size(); s += clients) {
        own.add(sessions.get(s));
      }
      Talker talker = new Talker(sides, routes, talkers.spoken, own, new Random(seed * 131 + i));
      Thread thread = new Thread(() -> talkers.run(talker, (double) rate / clients), "talker-" + i);
      talkers.threads.add(thread);
      thread.start();
    }
    return talkers;
  }

  private void run(Talker talker, double rate) {
    try {
      talker.talk(rate, () -> stopped);
    } catch (SQLException | RuntimeException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The sessions of the demo's history. */
  public static List<UUID> history(long seed, int sessions) {
    List<UUID> all = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      all.add(Store.session(seed, i));
    }
    return all;
  }

  /** What they have said so far. */
  public Spoken spoken() {
    return spoken;
  }

  /** All sessions that they talked in. */
  Set<UUID> sessions() {
    Set<UUID> all = new HashSet<>(spoken.opened());
    all.addAll(began);
    return all;
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

  /** Compares what was acknowledged with what each side has; nobody may write meanwhile. */
  public Spoken.Verdict judge() throws SQLException {
    return spoken.judge(sides);
  }
}
