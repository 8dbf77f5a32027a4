package dev.segue.relational;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimitsTest {
  @Test
  void shorterTextMayRefuse() {
    assertThat(Limits.ofText(20).mayRefuseLengthOf(Limits.NONE)).isTrue();
    assertThat(Limits.ofText(20).mayRefuseLengthOf(Limits.ofText(21))).isTrue();
    assertThat(Limits.ofText(20).mayRefuseLengthOf(Limits.ofText(20))).isFalse();
    assertThat(Limits.NONE.mayRefuseLengthOf(Limits.NONE)).isFalse();
  }

  @Test
  void narrowerNumberMayRefuse() {
    assertThat(Limits.ofInteger(32).range()).hasToString("Optional[-2147483648 to 2147483647]");
    assertThat(Limits.ofInteger(32).mayRefuseNumberOf(Limits.ofInteger(64))).isTrue();
    assertThat(Limits.ofInteger(64).mayRefuseNumberOf(Limits.ofInteger(32))).isFalse();
    assertThat(Limits.ofDecimal(5, 2).range()).hasToString("Optional[-999.99 to 999.99]");
    assertThat(Limits.ofDecimal(5, 2).mayRefuseNumberOf(Limits.ofInteger(16))).isTrue();
    assertThat(Limits.ofDecimal(7, 2).mayRefuseNumberOf(Limits.ofInteger(16))).isFalse();
    assertThat(Limits.ofDecimal(7, 2).mayRefuseNumberOf(Limits.NONE)).isTrue();
    assertThat(Limits.NONE.mayRefuseNumberOf(Limits.NONE)).isFalse();
  }

  @Test
  void lessPrecisionMayRound() {
    assertThat(Limits.ofDecimal(9, 2).mayRound(Limits.ofDecimal(9, 3))).isTrue();
    assertThat(Limits.ofDecimal(9, 2).mayRound(Limits.ofInteger(64))).isFalse();
    assertThat(Limits.ofTime(0).mayRound(Limits.NONE)).isTrue();
    assertThat(Limits.ofTime(3).mayRound(Limits.ofTime(3))).isFalse();
    assertThat(Limits.ofFloat(15).mayRound(Limits.ofFloat(6))).isFalse();
    assertThat(Limits.ofFloat(15).mayRound(Limits.ofInteger(32))).isFalse();
    assertThat(Limits.ofFloat(15).mayRound(Limits.ofInteger(64))).isTrue();
    assertThat(Limits.ofFloat(6).mayRound(Limits.NONE)).isTrue();
    assertThat(Limits.NONE.mayRound(Limits.ofFloat(15))).isFalse();
  }
}
