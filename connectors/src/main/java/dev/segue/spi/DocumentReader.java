package dev.segue.spi;

import dev.segue.canonical.SessionDocument;
import java.util.Optional;

/** Reads sessions from files, one after the other. */
public interface DocumentReader extends AutoCloseable {
  /**
   * The next one.
   *
   * @return empty if there is none
   * @throws dev.segue.canonical.MalformedRecordException saying where, if one is no session; the
   *     next call goes on behind it
   * @throws SystemFault if the files cannot be read
   */
  Optional<SessionDocument> next();

  @Override
  void close();
}
