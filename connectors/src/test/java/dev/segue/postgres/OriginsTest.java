package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OriginsTest {
  @Test
  void aLoneWorkerAndTheTwoOthersKeepTheirNames() {
    assertThat(PostgresTarget.originOf(0)).isZero();
    assertThat(PostgresTarget.MENDING).isEqualTo(1);
    assertThat(PostgresTarget.EMBEDDING).isEqualTo(2);
  }

  @Test
  void everyoneHasAnOriginOfItsOwnAmongThoseThatAreRemoved() {
    Set<Integer> numbers = new TreeSet<>(Set.of(PostgresTarget.MENDING, PostgresTarget.EMBEDDING));
    for (int worker = 0; worker < PostgresTarget.MOST_WORKERS; worker++) {
      assertThat(numbers.add(PostgresTarget.originOf(worker))).as("worker %s", worker).isTrue();
    }

    assertThat(numbers)
        .containsExactlyElementsOf(IntStream.range(0, PostgresTarget.ORIGINS).boxed().toList());
  }
}
