package dev.segue.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is written to counts for as often as that was seen. */
class BusyTest {
  @Test
  void countsHowManyAreWrittenToInAMoment() {
    Busy busy = new Busy(Map.of("always", 3, "seldom", 1, "elsewhere", 3), 3);

    assertThat(busy.among(List.of("always", "seldom", "never"))).isEqualTo(4.0 / 3);
    assertThat(Busy.NOBODY.among(List.of("always"))).isZero();
  }
}
