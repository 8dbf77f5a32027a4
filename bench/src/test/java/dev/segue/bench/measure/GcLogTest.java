package dev.segue.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GcLogTest {
  @Test
  void onlyFullCollectionsTellWhatIsKept() {
    GcLog log =
        GcLog.of(
            """
            [0.005s][info][gc] Using Parallel
            [1.221s][info][gc] GC(0) Pause Young (Allocation Failure) 128M->20M(491M) 9.612ms
            [2.250s][info][gc] GC(1) Pause Full (Ergonomics) 148M->81M(491M) 60.240ms
            [3.250s][info][gc] GC(2) Pause Young (Allocation Failure) 426M->463M(464M) 58.609ms
            [3.350s][info][gc] GC(3) Pause Full (Diagnostic Command) 463M->73M(470M) 81.552ms
            """);
    assertThat(log.most()).isEqualTo(81);
    assertThat(log.asked()).isEqualTo(73);
  }

  @Test
  void logWithoutFullCollectionsIsRefused() {
    GcLog log =
        GcLog.of("[1.221s][info][gc] GC(0) Pause Young (Allocation Failure) 128M->20M(491M) 9ms\n");
    assertThatThrownBy(log::most)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no \"Pause Full\"");
  }
}
