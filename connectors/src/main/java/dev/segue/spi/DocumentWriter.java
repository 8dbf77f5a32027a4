package dev.segue.spi;

import dev.segue.canonical.SessionDocument;

/** Writes sessions into files. */
public interface DocumentWriter extends AutoCloseable {
  /**
   * Writes one.
   *
   * @throws dev.segue.canonical.MalformedRecordException if the files cannot hold it
   */
  void write(SessionDocument document);

  /** Brings all that was written to the disk. */
  @Override
  void close();
}
