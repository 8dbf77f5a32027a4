package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VisibleTransactionsTest {
  @Test
  void runningAndLaterTransactionsAreNotSeen() {
    VisibleTransactions visible = VisibleTransactions.parse("740:745:741,743");

    assertThat(visible.has(739)).isTrue();
    assertThat(visible.has(740)).isTrue();
    assertThat(visible.has(741)).isFalse();
    assertThat(visible.has(744)).isTrue();
    assertThat(visible.has(745)).isFalse();
  }

  @Test
  void numbersThatBeganAnewAreComparedByAge() {
    // As the server counts in 64 bits, and the log in 32.
    VisibleTransactions visible = VisibleTransactions.parse("4294967290:4294967300:4294967299");

    assertThat(visible.has(4294967289L)).isTrue();
    assertThat(visible.has(2)).isTrue();
    assertThat(visible.has(3)).isFalse();
    assertThat(visible.has(4)).isFalse();
  }
}
