package dev.segue.guarantee;

import java.util.List;

/** A promise that watches a run from outside and judges it. */
interface Guarantee extends AutoCloseable {
  /** Begins to watch. */
  void watch();

  /** What was broken, in words; empty if nothing was. */
  List<String> verdict() throws Exception;

  @Override
  void close();
}
