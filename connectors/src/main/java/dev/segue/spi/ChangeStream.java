package dev.segue.spi;

import java.util.List;
import java.util.Optional;

/** Follows a source's log from where the source last was told to forget. */
public interface ChangeStream extends AutoCloseable {
  /**
   * Delivers batches until {@link #close} is called or something fails.
   *
   * @param watermark what is in the topic already, to see that the source has no gap behind it
   * @throws SystemFault saying what failed
   */
  void run(Optional<Watermark> watermark, BatchHandler handler);

  /** Ends {@link #run}; returns when the source has let go of the connection. */
  @Override
  void close();

  /** Takes one batch after another; the source may forget a batch once this returns. */
  interface BatchHandler {
    /**
     * @param reach where the source goes on once this batch is durable
     */
    void handle(List<ChangeEvent> events, Reach reach);
  }
}
