package dev.segue.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.SourcePosition;
import org.junit.jupiter.api.Test;

/**
 * Transactions 1, 2 and 3 commit at 100, 200 and 300. The watermark lies in the middle of the
 * second, behind its fourth change.
 */
class WatermarkTest {
  private final Watermark watermark =
      new Watermark(new SourcePosition(100, 150, 4), 2, Reach.of(100), "0/1");

  @Test
  void changesUpToTheWatermarkAreCovered() {
    assertThat(watermark.covers(new SourcePosition(50, 60, 9), 1)).isTrue();
    assertThat(watermark.covers(new SourcePosition(100, 150, 4), 2)).isTrue();
  }

  @Test
  void changesBehindTheWatermarkAreNew() {
    assertThat(watermark.covers(new SourcePosition(100, 150, 5), 2)).isFalse();
    assertThat(watermark.covers(new SourcePosition(200, 120, 1), 3)).isFalse();
  }

  @Test
  void transactionThatIsNowTheFirstAfterAStartIsStillKnown() {
    // The slot starts at 180, so the position of its changes is told behind 180 instead of 100.
    assertThat(watermark.covers(new SourcePosition(180, 150, 4), 2)).isTrue();
    assertThat(watermark.covers(new SourcePosition(180, 150, 5), 2)).isFalse();
  }

  @Test
  void transactionThatIsNoLongerTheFirstAfterAStartIsStillKnown() {
    // The slot went back to 20, and transaction 2 is told behind 90, though it was told behind 100.
    assertThat(watermark.covers(new SourcePosition(90, 150, 3), 2)).isTrue();
    assertThat(watermark.covers(new SourcePosition(90, 150, 5), 2)).isFalse();
  }
}
