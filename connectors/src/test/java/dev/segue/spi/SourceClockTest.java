package dev.segue.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SourceClockTest {
  private final SourceClock clock = new SourceClock();

  @Test
  void clocksAreTakenForTheSameUntilAMarkTells() {
    assertThat(clock.lateness(1_000, 1_250)).isEqualTo(250);
  }

  @Test
  void changeOfASlowClockIsNoLaterThanItIs() {
    clock.mark(1_000, 6_000);

    assertThat(clock.lateness(1_100, 6_300)).isEqualTo(200);
  }

  @Test
  void changeOfAFastClockIsAsLateAsItIs() {
    clock.mark(6_000, 1_000);

    assertThat(clock.lateness(6_100, 1_300)).isEqualTo(200);
  }
}
