package dev.segue.openclaw;

import dev.segue.finding.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where one generation of OpenClaw keeps its sessions. */
interface SessionHome extends AutoCloseable {
  /** What the user named: a directory, or the file of a database. */
  Path place();

  /** The directory in which marks are put. */
  default Path directory() {
    return place();
  }

  /** What is to be known before anything is moved. */
  default List<Finding> findings() throws IOException {
    return List.of();
  }

  /**
   * Looks which sessions there are now; they themselves are not read.
   *
   * @throws dev.segue.spi.SystemFault if what lists them cannot be read
   */
  Listing list() throws IOException;

  @Override
  default void close() {
    // Files are not held open.
  }
}
