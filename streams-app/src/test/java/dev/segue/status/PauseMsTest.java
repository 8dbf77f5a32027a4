package dev.segue.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is told of many pauses. */
class PauseMsTest {
  @Test
  void aFewLongOnesShowInTheHundredth() {
    LongStream pauses = LongStream.range(0, 200).map(i -> i % 50 == 7 ? 900 + i : 10);

    assertThat(PauseMs.of(pauses)).isEqualTo(new PauseMs(10, 1007, 1057));
  }

  @Test
  void nobodyWaited() {
    assertThat(PauseMs.of(LongStream.empty())).isEqualTo(new PauseMs(0, 0, 0));
  }

  @Test
  void oneWaited() {
    assertThat(PauseMs.of(LongStream.of(3))).isEqualTo(new PauseMs(3, 3, 3));
  }
}
