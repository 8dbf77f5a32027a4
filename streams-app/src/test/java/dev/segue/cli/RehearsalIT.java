package dev.segue.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RehearsalIT {
  @Test
  void aStatusIsShownThoughNothingRuns() throws Exception {
    StringWriter said = new StringWriter();

    int exit = Rehearsal.perform(new PrintWriter(said, true));

    assertThat(said.toString()).startsWith("Migration rehearsal  phase streaming");
    assertThat(exit).isZero();
  }
}
