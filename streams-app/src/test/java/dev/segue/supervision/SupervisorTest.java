package dev.segue.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.spi.SystemFault;
import dev.segue.status.StatusBoard;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private final StatusBoard board = new StatusBoard(Duration.ofSeconds(1));

  /** Fails as told, then waits to be stopped. */
  private static final class Scripted implements Stage {
    private final AtomicInteger failures;
    private final RuntimeException fault;
    private final CountDownLatch working = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    Scripted(int failures, RuntimeException fault) {
      this.failures = new AtomicInteger(failures);
      this.fault = fault;
    }

    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public void run() throws InterruptedException {
      if (failures.getAndDecrement() > 0) {
        throw fault;
      }
      working.countDown();
      stopped.await();
    }

    @Override
    public void stop() {
      stopped.countDown();
    }
  }

  @Test
  void passingFaultIsRetriedAndShown() throws Exception {
    Scripted stage = new Scripted(2, SystemFault.passing("the server restarts", null));
    try (Supervisor supervisor = new Supervisor(board, () -> {})) {
      supervisor.start(stage);

      assertThat(stage.working.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(board.stages().get(0).retries()).isEqualTo(2);
      assertThat(board.lastError()).isEqualTo("scripted: the server restarts");
    }
    assertThat(board.stages().get(0).state()).isEqualTo("stopped");
  }

  @Test
  void lastingFaultStopsEverythingWithItsReason() {
    Scripted stage = new Scripted(1, SystemFault.permanent("the password is wrong", "mend it"));
    try (Supervisor supervisor = new Supervisor(board, () -> {})) {
      supervisor.start(stage);

      assertThatThrownBy(() -> supervisor.awaitFailure(Duration.ofSeconds(20)))
          .isInstanceOf(SystemFault.class)
          .hasMessage("the password is wrong");
    }
  }

  @Test
  void stageThatMayNotStartDoesNotRun() {
    Scripted stage = new Scripted(0, null);
    try (Supervisor supervisor =
        new Supervisor(
            board,
            () -> {
              throw SystemFault.fenced("somebody took over");
            })) {
      supervisor.start(stage);

      assertThatThrownBy(() -> supervisor.awaitFailure(Duration.ofSeconds(20)))
          .hasMessage("somebody took over");
      assertThat(stage.working.getCount()).isOne();
    }
  }

  @Test
  void fencedStageStartsAgainWhileTheWorkIsOurs() throws Exception {
    Scripted stage = new Scripted(1, SystemFault.fenced("a zombie woke up"));
    try (Supervisor supervisor = new Supervisor(board, () -> {})) {
      supervisor.start(stage);

      assertThat(stage.working.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(board.lastError()).isEqualTo("scripted: a zombie woke up");
    }
  }

  @Test
  void fencedStageEndsWhenTheWorkIsSomebodyElses() {
    Scripted stage = new Scripted(1, SystemFault.fenced("pushed aside"));
    AtomicInteger asked = new AtomicInteger();
    try (Supervisor supervisor =
        new Supervisor(
            board,
            () -> {
              if (asked.getAndIncrement() > 0) {
                throw SystemFault.fenced("somebody took over");
              }
            })) {
      supervisor.start(stage);

      assertThatThrownBy(() -> supervisor.awaitFailure(Duration.ofSeconds(20)))
          .isInstanceOfSatisfying(
              SystemFault.class,
              fault -> assertThat(fault.nature()).isEqualTo(SystemFault.Nature.FENCED))
          .hasMessage("somebody took over");
      assertThat(stage.working.getCount()).isOne();
    }
  }
}
