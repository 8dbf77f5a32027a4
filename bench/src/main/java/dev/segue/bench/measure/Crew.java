package dev.segue.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Threads that do one thing after the other at a steady rate, all of them together. */
final class Crew implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private final long pauseNanos;
  private volatile boolean stopped;
  private volatile Exception failure;

  /** What one of them does from beginning to end. */
  interface Work {
    void work(Random random, Crew crew) throws Exception;
  }

  private Crew(int members, double rate) {
    this.pauseNanos = (long) (members / rate * 1e9);
  }

  /**
   * Starts them, each with numbers of its own that are the same in every run.
   *
   * @param rate turns a second, all of them together
   */
  static Crew start(String name, int members, double rate, Work work) {
    Crew crew = new Crew(members, rate);
    for (int i = 0; i < members; i++) {
      Random random = new Random(i);
      Thread thread = new Thread(() -> crew.run(work, random), name + "-" + i);
      crew.threads.add(thread);
      thread.start();
    }
    return crew;
  }

  private void run(Work work, Random random) {
    try {
      work.work(random, this);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      failure = e;
    }
  }

  /** Whether they are to end. */
  boolean isStopped() {
    return stopped;
  }

  /**
   * Waits until the next turn is due.
   *
   * @param due when this one was, in {@link System#nanoTime}
   * @return when the next one is
   */
  long awaitTurn(long due) throws InterruptedException {
    long wait = due - System.nanoTime();
    if (wait > 0) {
      Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
    }
    return due + pauseNanos;
  }

  /** Ends them; throws what kept one of them from its work. */
  void finish() throws Exception {
    close();
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
}
