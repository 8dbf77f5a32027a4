package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Writers are refused when it will be for little, or else after a while for what it takes. */
class PaceTest {
  private long now;
  private final Pace pace = new Pace(Duration.ofMillis(3200), () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private static Duration ms(long time) {
    return Duration.ofMillis(time);
  }

  @Test
  void hopesForLittleAndMakesDoWithEnough() {
    Pace.Waiting waiting = pace.begin();
    assertThat(waiting.admits(ms(200))).isTrue();
    assertThat(waiting.admits(ms(201))).isFalse();

    pass(ms(8 * 3200));
    assertThat(waiting.admits(ms(400))).isTrue();
    assertThat(waiting.admits(ms(401))).isFalse();

    pass(ms(8 * 3200));
    assertThat(waiting.admits(ms(800))).isTrue();
    assertThat(waiting.admits(ms(801))).isFalse();
    assertThat(waiting.isOver()).isFalse();

    pass(ms(4 * 3200));
    assertThat(waiting.isOver()).isTrue();
  }

  @Test
  void hopesForLessTimeWhereItWasInVain() {
    Pace.Waiting vain = pace.begin();
    pass(ms(8 * 3200));
    vain.end();

    Pace.Waiting next = pace.begin();
    pass(ms(4 * 3200));
    assertThat(next.admits(ms(400))).isTrue();
    for (int i = 0; i < 10; i++) {
      next.end();
    }
    // Never not at all.
    assertThat(pace.begin().admits(ms(201))).isFalse();

    for (int i = 0; i < 10; i++) {
      pace.begin().end();
    }
    Pace.Waiting afterSuccess = pace.begin();
    pass(ms(8 * 3200 - 1));
    assertThat(afterSuccess.admits(ms(201))).isFalse();
    pass(ms(1));
    assertThat(afterSuccess.admits(ms(201))).isTrue();
  }
}
