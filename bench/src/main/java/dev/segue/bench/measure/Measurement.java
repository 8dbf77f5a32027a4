package dev.segue.bench.measure;

/** Something that is measured once a round, of every contender that takes part. */
public interface Measurement extends AutoCloseable {
  /** What the command line and the report call it. */
  String name();

  /** How many rounds make sense at most. */
  default int rounds(int asked) {
    return asked;
  }

  /**
   * Measures all contenders once. One that fails is reported and does not end the run.
   *
   * @param number from 1 on; the order of the contenders changes from one to the next
   */
  void round(int number) throws Exception;

  /** Removes what was made for all rounds. */
  @Override
  default void close() throws Exception {}
}
