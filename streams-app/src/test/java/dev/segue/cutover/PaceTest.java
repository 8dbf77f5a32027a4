package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Writers are refused when it will be for little, or else after a while for what it takes. */
class PaceTest {
  private long now = 7;

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private static Duration ms(long time) {
    return Duration.ofMillis(time);
  }

  private Pace pace(Duration warming) {
    return new Pace(ms(3200), warming, () -> now);
  }

  @Test
  void hopesForLittleAndMakesDoWithEnough() {
    Pace.Waiting waiting = pace(Duration.ZERO).begin();
    assertThat(waiting.admits(ms(200))).isTrue();
    assertThat(waiting.admits(ms(201))).isFalse();

    pass(ms(2 * 3200));
    assertThat(waiting.admits(ms(400))).isTrue();
    assertThat(waiting.admits(ms(401))).isFalse();

    pass(ms(6 * 3200 - 1));
    assertThat(waiting.admits(ms(401))).isFalse();
    pass(ms(1));
    assertThat(waiting.admits(ms(800))).isTrue();
    assertThat(waiting.admits(ms(801))).isFalse();
    assertThat(waiting.isOver()).isFalse();

    pass(ms(12 * 3200));
    assertThat(waiting.isOver()).isTrue();
  }

  @Test
  void hopesAsLongAsItGetsBetterByItself() {
    Pace pace = pace(ms(5 * 3200));
    Pace.Waiting first = pace.begin();
    pass(ms(4 * 3200));
    Pace.Waiting next = pace.begin();

    pass(ms(3200 - 1));
    assertThat(first.longest()).isEqualTo(ms(200));
    pass(ms(1));
    assertThat(first.longest()).isEqualTo(ms(400));
    // It has waited for one pause only.
    assertThat(next.longest()).isEqualTo(ms(200));
    pass(ms(3200));
    assertThat(next.longest()).isEqualTo(ms(400));
  }

  @Test
  void waitsNoLongerThanAllPatienceForWhatGetsBetter() {
    Pace.Waiting waiting = pace(Duration.ofDays(1)).begin();

    pass(ms(10 * 3200));
    assertThat(waiting.longest()).isEqualTo(ms(400));
    pass(ms(2 * 3200));
    assertThat(waiting.longest()).isEqualTo(ms(800));
  }
}
