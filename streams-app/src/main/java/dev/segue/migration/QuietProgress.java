package dev.segue.migration;

import dev.segue.verify.Verification;
import java.util.function.Consumer;

/** Hears what is told of a comparison, and not how many rows were read. */
record QuietProgress(Consumer<String> story) implements Verification.Progress {
  @Override
  public void story(String line) {
    story.accept(line);
  }

  @Override
  public void rows(long rows) {
    // One line at the end is enough.
  }
}
