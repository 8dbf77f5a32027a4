package dev.segue.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.AppliedState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StatusBoardTest {
  private final StatusBoard board = new StatusBoard(Duration.ofSeconds(1));

  private void applied(int partition, String mark, long sentAt, long log, long now) {
    board.applied(new AppliedState(partition, 1, 1, SourcePosition.START, mark, sentAt, log), now);
  }

  @Test
  void lagIsUnknownUntilEveryPartitionHasPassedAMark() {
    board.markWritten("a", 100);
    applied(0, "a", 1000, 100, 1050);

    assertThat(board.lag(2, 1100)).isEqualTo(new Status.Lag(-1, -1));
  }

  @Test
  void lagOfAnIdleSourceIsTheTimeThatTheLastMarkTook() {
    board.markWritten("a", 100);
    applied(0, "a", 1000, 100, 1050);
    applied(1, "a", 1000, 100, 1080);

    assertThat(board.lag(2, 1900)).isEqualTo(new Status.Lag(0, 80));
  }

  @Test
  void lagGrowsWhileNothingArrives() {
    applied(0, "a", 1000, 100, 1050);
    board.markWritten("b", 700);

    assertThat(board.lag(1, 61_000)).isEqualTo(new Status.Lag(600, 59_000));
  }
}
