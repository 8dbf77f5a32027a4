package dev.segue.supervision;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.segue.spi.SystemFault;
import dev.segue.spi.SystemFault.Nature;
import dev.segue.status.Status;
import dev.segue.status.StatusBoard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs stages, each in its thread. A passing fault makes a stage start again after a pause that
 * grows to half a minute; a lasting one stops all stages.
 */
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** A stage that ran this long before it failed had worked; its pauses begin anew. */
  private static final Duration WORKED = Duration.ofSeconds(60);

  /** Faults that nobody foresaw are retried only so often: they may be our own mistakes. */
  private static final int MOST_SURPRISES = 5;

  private final StatusBoard board;
  private final Runnable mayStart;
  private final List<Running> running = new ArrayList<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private volatile boolean stopping;

  /**
   * @param mayStart is asked before each start of a stage; throws if it must not, because a stage
   *     that starts takes its work away from whoever has it. It alone decides who was replaced: a
   *     stage that ends {@link Nature#FENCED} starts again if this lets it
   */
  public Supervisor(StatusBoard board, Runnable mayStart) {
    this.board = board;
    this.mayStart = mayStart;
  }

  private record Running(Stage stage, Thread thread) {}

  /** Starts a stage. */
  public void start(Stage stage) {
    start(stage, () -> {});
  }

  /**
   * Starts a stage.
   *
   * @param whenDone is run in the stage's thread when its work is done, not when it was stopped
   */
  public synchronized void start(Stage stage, Runnable whenDone) {
    Thread thread =
        new Thread(
            () -> {
              try {
                supervise(stage);
                report(stage, stopping ? "stopped" : "done", 0, null);
                if (!stopping) {
                  whenDone.run();
                }
              } catch (Throwable e) {
                report(stage, "failed", 0, message(e));
                board.error(stage.name() + ": " + message(e));
                failure.completeExceptionally(e);
              }
            },
            "segue-" + stage.name());
    running.add(new Running(stage, thread));
    thread.start();
  }

  private void supervise(Stage stage) throws Throwable {
    while (!stopping) {
      Attempts attempts = new Attempts(stage);
      try {
        Failsafe.with(attempts.policy()).run(attempts::run);
        return;
      } catch (Attempts.WorkedForLong e) {
        pause(FIRST_PAUSE);
      } catch (dev.failsafe.FailsafeException e) {
        if (stopping) {
          return;
        }
        throw e.getCause();
      } catch (RuntimeException e) {
        if (stopping) {
          return;
        }
        throw e;
      }
    }
  }

  private static void pause(Duration duration) throws InterruptedException {
    Thread.sleep(duration.toMillis());
  }

  /** One row of attempts without a long success between them. */
  private final class Attempts {
    private final Stage stage;
    private int surprises;

    Attempts(Stage stage) {
      this.stage = stage;
    }

    RetryPolicy<Object> policy() {
      return RetryPolicy.builder()
          .handleIf(this::isPassing)
          .withMaxRetries(-1)
          .withBackoff(FIRST_PAUSE, LONGEST_PAUSE)
          .withJitter(0.2)
          .build();
    }

    void run(dev.failsafe.ExecutionContext<Void> context) throws InterruptedException {
      if (stopping) {
        return;
      }
      report(stage, "running", context.getAttemptCount(), lastMessage(context));
      long from = System.nanoTime();
      try {
        mayStart.run();
        runUnlessFenced();
      } catch (RuntimeException e) {
        if (stopping) {
          return;
        }
        if (!(e instanceof SystemFault)) {
          surprises++;
        }
        if (!isPassing(e)) {
          throw e;
        }
        board.error(stage.name() + ": " + message(e));
        report(stage, "retrying", context.getAttemptCount() + 1, message(e));
        LOG.atWarn()
            .addKeyValue("stage", stage.name())
            .addKeyValue("attempt", context.getAttemptCount() + 1)
            .addKeyValue("reason", message(e))
            .log("failed, will be started again");
        LOG.atDebug().setCause(e).log("the failure");
        if (System.nanoTime() - from > WORKED.toNanos()) {
          throw new WorkedForLong();
        }
        throw e;
      }
    }

    /**
     * Runs the stage. That somebody pushed it aside is not the last word: a process that was
     * replaced and wakes up may do so in passing. Whose work it is, the gate says before the next
     * start.
     */
    private void runUnlessFenced() throws InterruptedException {
      try {
        stage.run();
      } catch (SystemFault e) {
        throw e.nature() == Nature.FENCED ? SystemFault.passing(e.getMessage(), e) : e;
      }
    }

    private String lastMessage(dev.failsafe.ExecutionContext<Void> context) {
      Throwable last = context.getLastException();
      return last == null ? null : message(last);
    }

    private boolean isPassing(Throwable e) {
      if (e instanceof SystemFault fault) {
        return fault.nature() == Nature.TRANSIENT;
      }
      return e instanceof RuntimeException
          && !(e instanceof WorkedForLong)
          && surprises <= MOST_SURPRISES;
    }

    /** Leaves a row of attempts, to begin a new one. */
    private static final class WorkedForLong extends RuntimeException {
      private static final long serialVersionUID = 1;
    }
  }

  private void report(Stage stage, String state, int retries, String reason) {
    board.stage(new Status.Stage(stage.name(), state, retries, reason));
  }

  private static String message(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Why all stages were stopped for good; empty while none failed so. */
  public Optional<Throwable> failure() {
    return failure.isCompletedExceptionally()
        ? failure.handle((unused, cause) -> Optional.of(cause)).join()
        : Optional.empty();
  }

  /**
   * Waits until a stage fails for good.
   *
   * @return false if the time was up first
   */
  public boolean awaitFailure(Duration most) throws InterruptedException {
    try {
      failure.get(most.toMillis(), TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException reason) {
        throw reason;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Stops all stages, the last started first, and waits for them. */
  @Override
  public void close() {
    List<Running> all;
    synchronized (this) {
      stopping = true;
      all = new ArrayList<>(running);
    }
    java.util.Collections.reverse(all);
    for (Running each : all) {
      each.stage.stop();
      boolean waits =
          board.stages().stream()
              .anyMatch(s -> s.name().equals(each.stage.name()) && s.state().equals("retrying"));
      if (waits) {
        each.thread.interrupt();
      }
    }
    for (Running each : all) {
      join(each);
    }
  }

  private static void join(Running each) {
    try {
      each.thread.join(20_000);
      if (each.thread.isAlive()) {
        LOG.atWarn().addKeyValue("stage", each.stage.name()).log("does not stop, interrupting it");
        each.thread.interrupt();
        each.thread.join(5_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
