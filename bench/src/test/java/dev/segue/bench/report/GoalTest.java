package dev.segue.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoalTest {
  private static final Series FAST = new Series("race", "hare", "m/s");
  private static final Series SLOW = new Series("race", "tortoise", "m/s");
  private static final Goal TWICE =
      Goal.ratio("hare ÷ tortoise", Goal.Bound.AT_LEAST, 2, 4, FAST, SLOW);

  private final Results results = new Results();

  @Test
  void ratiosAreOfTheSameRound() {
    round(1, 20, 5);
    round(2, 9, 3);
    Ratio ratio = TWICE.judge(results).orElseThrow();
    assertThat(ratio.rounds()).containsEntry(1, 4.0).containsEntry(2, 3.0);
    assertThat(ratio.spread()).isEqualTo(new Spread(3.5, 3, 4, 2));
  }

  @Test
  void roundThatLacksAFigureDoesNotCount() {
    round(1, 20, 5);
    results.add(FAST, 2, 100);
    assertThat(TWICE.judge(results).orElseThrow().rounds()).containsOnlyKeys(1);
  }

  @Test
  void oneRoundBelowMustIsAMiss() {
    round(1, 20, 5);
    round(2, 20, 5);
    round(3, 5, 5);
    Ratio ratio = TWICE.judge(results).orElseThrow();
    assertThat(ratio.held()).isFalse();
    assertThat(ratio.reached()).isTrue();
  }

  @Test
  void figureItselfCountsWhereNothingIsBelow() {
    results.add(FAST, 1, 20);
    Ratio ratio = Goal.figure("hare", 25, 10, FAST).judge(results).orElseThrow();
    assertThat(ratio.held()).isTrue();
    assertThat(ratio.reached()).isFalse();
  }

  @Test
  void nothingMeasuredIsNoRatio() {
    results.add(SLOW, 1, 3);
    assertThat(TWICE.judge(results)).isEmpty();
  }

  private void round(int number, double fast, double slow) {
    results.add(FAST, number, fast);
    results.add(SLOW, number, slow);
  }
}
