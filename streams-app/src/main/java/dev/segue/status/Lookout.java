package dev.segue.status;

import dev.segue.spi.Watch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Looks at something of a system, in a thread of its own, whenever somebody asks, and remembers
 * what it saw. Whoever asks gets what was seen behind the question, unless that takes too long:
 * then what is remembered. So an answer is never older than the question while the system is well,
 * and never waits for one that hangs.
 */
public final class Lookout<T> implements AutoCloseable {
  /** What was seen longer ago is worth waiting for. */
  private static final long OLD_MILLIS = 5000;

  /** Nobody has asked for so long: the session at the system is let go of. */
  private static final long IDLE_MILLIS = 30_000;

  /** For so long after a failure an answer does not wait for the next try. */
  private static final long FAILED_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A system that takes so many times the patience is said not to answer. */
  private static final int HANGING = 10;

  private final Watch<T> watch;
  private final long patienceNanos;
  private final Thread thread;
  private boolean stopped;
  private boolean asked = true;
  private long begun;
  private long ended;
  private long beganNanos;
  private long failedNanos;
  private Optional<T> what = Optional.empty();
  private long at;
  private String trouble;

  /**
   * What was seen.
   *
   * @param what empty if nothing was seen yet
   * @param at when it was seen, as milliseconds since 1970; 0 if never
   * @param trouble why it is not seen now, or null
   */
  public record Seen<T>(Optional<T> what, long at, String trouble) {}

  /**
   * Not started yet.
   *
   * @param name of what is looked at, for the thread
   * @param patience how long an answer may wait
   */
  public Lookout(String name, Watch<T> watch, Duration patience) {
    this.watch = watch;
    this.patienceNanos = patience.toNanos();
    this.thread = new Thread(this::keepLooking, "segue-lookout-" + name);
    thread.setDaemon(true);
  }

  /** Looks for the first time, so that there is something to remember. */
  public void start() {
    thread.start();
  }

  /**
   * What is there now, if it can be seen soon; else what was seen last. Where that is old, because
   * nobody asked, the system has to be connected to first, and gets the time for it.
   */
  public synchronized Seen<T> ask() {
    long wanted = begun + 1;
    asked = true;
    notifyAll();
    boolean old = System.currentTimeMillis() - at > OLD_MILLIS;
    long patience = old ? HANGING * patienceNanos : patienceNanos;
    long until = System.nanoTime() + patience;
    try {
      while (ended < wanted && !isFailing(patience)) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          break;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Seen<>(what, at, isLongerThan(HANGING * patienceNanos) ? hanging() : trouble);
  }

  private boolean isFailing(long patience) {
    return isLongerThan(patience)
        || (trouble != null && System.nanoTime() - failedNanos < FAILED_NANOS);
  }

  /** Whether the look that is being taken takes longer than that. */
  private boolean isLongerThan(long nanos) {
    return begun > ended && System.nanoTime() - beganNanos > nanos;
  }

  private String hanging() {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
    String now = "has not answered for " + millis + " ms";
    return trouble == null ? now : trouble + "; " + now;
  }

  private void keepLooking() {
    try (watch) {
      while (awaitQuestion()) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False once it is closed. */
  private synchronized boolean awaitQuestion() throws InterruptedException {
    while (!asked && !stopped) {
      wait(IDLE_MILLIS);
      if (!asked) {
        watch.close();
      }
    }
    asked = false;
    begun++;
    beganNanos = System.nanoTime();
    return !stopped;
  }

  private void look() {
    try {
      T seen = watch.look();
      synchronized (this) {
        what = Optional.of(seen);
        at = System.currentTimeMillis();
        trouble = null;
        ended = begun;
        notifyAll();
      }
    } catch (RuntimeException e) {
      synchronized (this) {
        trouble = e.getMessage() == null ? e.toString() : e.getMessage();
        failedNanos = System.nanoTime();
        ended = begun;
        notifyAll();
      }
    }
  }

  @Override
  public synchronized void close() {
    stopped = true;
    notifyAll();
  }
}
