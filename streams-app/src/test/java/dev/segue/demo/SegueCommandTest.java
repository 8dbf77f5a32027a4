package dev.segue.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SegueCommandTest {
  /** Where the launcher sets the flags of {@code run}. */
  private static final Pattern TUNING = Pattern.compile("tuning=\"(\\$tuning )?(-XX[^\"]*)\"");

  @Test
  void flagsAreThoseOfTheLauncher() throws Exception {
    List<String> launcher =
        TUNING
            .matcher(Files.readString(Path.of("..", "segue")))
            .results()
            .map(MatchResult::group)
            .flatMap(line -> Pattern.compile("-XX[^ \"]+").matcher(line).results())
            .map(MatchResult::group)
            .toList();

    assertThat(launcher).isNotEmpty();
    assertThat(SegueCommand.process("run").command())
        .filteredOn(option -> option.startsWith("-XX"))
        .containsExactlyElementsOf(launcher);
  }
}
