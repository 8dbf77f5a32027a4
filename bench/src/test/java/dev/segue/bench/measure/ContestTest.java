package dev.segue.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.bench.contender.Contender;
import dev.segue.bench.report.Failure;
import dev.segue.bench.report.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContestTest {
  private final Results results = new Results();
  private final List<String> story = new ArrayList<>();
  private final Contest contest = new Contest("race", results, story::add);

  private record Runner(String name, Optional<String> absence) implements Contender {
    static Runner named(String name) {
      return new Runner(name, Optional.empty());
    }
  }

  @Test
  void orderTurnsRoundEachTime() {
    List<String> contenders = List.of("a", "b", "c");
    assertThat(Contest.order(contenders, 1)).containsExactly("a", "b", "c");
    assertThat(Contest.order(contenders, 2)).containsExactly("c", "b", "a");
    assertThat(Contest.order(contenders, 3)).containsExactly("a", "b", "c");
  }

  @Test
  void failureOfOneLetsTheOthersRun() throws InterruptedException {
    contest.round(
        1,
        List.of(Runner.named("hare"), Runner.named("tortoise")),
        runner -> {
          if (runner.name().equals("hare")) {
            throw new IllegalStateException("asleep");
          }
          contest.figure(1, runner.name(), "m/s", 0.1);
        });
    assertThat(results.failures()).containsExactly(new Failure("race", "hare", 1, "asleep"));
    assertThat(results.samples()).hasSize(1);
    assertThat(story).hasSize(2);
  }

  @Test
  void absentOneIsNotAsked() throws InterruptedException {
    contest.turn(
        1,
        new Runner("snail", Optional.of("it has not come yet")),
        runner -> contest.figure(1, runner.name(), "m/s", 1));
    assertThat(results.samples()).isEmpty();
    assertThat(results.failures()).isEmpty();
    assertThat(results.absences()).hasSize(1);
  }
}
