package dev.segue.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ChoiceTest {
  @Test
  void nothingAskedMeansAll() {
    Set<Choice> each = EnumSet.complementOf(EnumSet.of(Choice.REDIS, Choice.ALL));

    assertThat(Choice.expand(List.of())).isEqualTo(each);
    assertThat(Choice.expand(List.of(Choice.ALL))).isEqualTo(each);
  }

  @Test
  void whatAllLeavesOutMayBeAskedForBesides() {
    assertThat(Choice.expand(List.of(Choice.REDIS))).containsExactly(Choice.REDIS);
    assertThat(Choice.expand(List.of(Choice.ALL, Choice.REDIS)))
        .isEqualTo(EnumSet.complementOf(EnumSet.of(Choice.ALL)));
  }

  @Test
  void eachIsMeasuredOnce() {
    assertThat(Choice.expand(List.of(Choice.VERIFY, Choice.SNAPSHOT, Choice.VERIFY)))
        .containsExactly(Choice.SNAPSHOT, Choice.VERIFY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--scale=0", "--scale=many", "--rounds=0", "speed", "--fast"})
  void wrongUsageIsExitCodeTwo(String argument) {
    StringWriter said = new StringWriter();
    CommandLine line = Bench.commandLine().setErr(new PrintWriter(said));
    assertThat(line.execute(argument)).isEqualTo(2);
    assertThat(said.toString()).contains("bench/run");
  }
}
