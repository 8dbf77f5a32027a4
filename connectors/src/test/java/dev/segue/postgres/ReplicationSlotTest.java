package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.canonical.SourcePosition;
import dev.segue.spi.Cutoff;
import dev.segue.spi.Reach;
import dev.segue.spi.Watermark;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How far a slot may be ahead of what is known to be captured. */
class ReplicationSlotTest {
  private static final Cutoff CUTOFF = new Cutoff("0/1000", "");

  private static long reached(long confirmable, long after, long address) {
    return ReplicationSlot.reached(
        CUTOFF,
        Optional.of(
            new Watermark(
                new SourcePosition(after, address, 1), 7, Reach.of(confirmable), CUTOFF.log())));
  }

  @Test
  void nothingCapturedIsWhereItWasMade() {
    assertThat(ReplicationSlot.reached(CUTOFF, Optional.empty())).isEqualTo(0x1000);
  }

  @Test
  void theFirstTransactionCountsUpToItsChangeThatWasCapturedLast() {
    // It has not ended, so that nothing may be forgotten; but Debezium may have confirmed its
    // middle.
    assertThat(reached(0, 0x1000, 0x3000)).isEqualTo(0x3000);
  }

  @Test
  void aLaterTransactionCountsFromTheCommitBeforeIt() {
    // Its change was written long before the other one's commit.
    assertThat(reached(0x2000, 0x4000, 0x3000)).isEqualTo(0x4000);
    assertThat(reached(0x4000, 0x4000, 0x5000)).isEqualTo(0x5000);
  }
}
