package dev.segue.spi;

import dev.segue.canonical.SessionDocument;
import java.util.List;

/** Adds whole sessions to a system, as its own application would; what is there stays. */
public interface Intake extends AutoCloseable {
  /**
   * Adds sessions, each as a whole or not at all.
   *
   * @return what became of them, in their order
   */
  List<Outcome> add(List<SessionDocument> documents);

  @Override
  void close();

  /** What became of a session. */
  sealed interface Outcome {
    /** It is there now. */
    record Imported() implements Outcome {}

    /** A session of that id was there before, and was left alone. */
    record Skipped() implements Outcome {}

    /** It was not added; the reason never tells what stands in it. */
    record Failed(String reason) implements Outcome {}
  }
}
