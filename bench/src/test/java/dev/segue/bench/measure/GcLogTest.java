package dev.segue.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GcLogTest {
  @Test
  void mostKeptIsWhatTheCollectionsLeft() {
    String log =
        """
        [0.005s][info][gc] Using Parallel
        [1.221s][info][gc] GC(0) Pause Young (Allocation Failure) 128M->20M(491M) 9.612ms
        [2.250s][info][gc] GC(1) Pause Full (Ergonomics) 148M->81M(491M) 60.240ms
        [3.250s][info][gc] GC(2) Pause Young (Allocation Failure) 209M->44M(491M) 7.000ms
        """;
    assertThat(GcLog.mostKept(log)).hasValue(81);
  }

  @Test
  void logWithoutCollectionsTellsNothing() {
    assertThat(GcLog.mostKept("[0.005s][info][gc] Using Serial\n")).isEmpty();
  }
}
