package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which sessions can have files in a directory.
 *
 * @param directory of the store
 */
record StoreNames(Path directory) {
  /**
   * @throws MalformedRecordException if a session's id cannot be the name of a file
   */
  void check(String session) {
    StoreEntry.transcript(directory, session, Map.of());
  }
}
