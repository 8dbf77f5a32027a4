package dev.segue.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FingerprintTest {
  private final Fingerprint source = new Fingerprint(2, 10, "17", "42");

  @Test
  void missingRowsAreCounted() {
    assertThat(source.differenceTo(new Fingerprint(2, 9, "17", "40")))
        .isEqualTo("the source has 2 sessions and 10 messages, the target 2 and 9");
  }

  @Test
  void otherValuesAreADifferenceToo() {
    assertThat(source).isNotEqualTo(new Fingerprint(2, 10, "17", "43"));
    assertThat(source.differenceTo(new Fingerprint(2, 10, "17", "43")))
        .contains("not the same values");
  }
}
