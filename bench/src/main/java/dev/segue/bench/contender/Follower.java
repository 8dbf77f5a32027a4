package dev.segue.bench.contender;

import dev.segue.bench.server.Database;

/** A contender that follows what is written. */
public interface Follower extends Contender {
  /**
   * Brings what is there to the target and stops, its place in the source's log kept.
   *
   * @throws ContenderFailedException if it gives up
   */
  Following prepare(Database source, Database target) throws Exception;

  /** One that can be started. */
  interface Following extends AutoCloseable {
    /** Has it go on where it was, and returns at once. */
    void start() throws Exception;

    /**
     * Looks whether it is still at work.
     *
     * @throws ContenderFailedException if it has given up
     */
    void check();

    /** The largest resident set of its processes, in bytes; 0 if it has none of its own. */
    default long peakResidentBytes() {
      return 0;
    }

    /** Ends it and removes what it holds in the source. */
    @Override
    void close() throws Exception;
  }
}
