package dev.segue.openclaw;

import java.io.IOException;

/** A directory that one generation of OpenClaw keeps its sessions in. */
interface SessionDirectory {
  /**
   * Looks which sessions there are now; their own files are not read.
   *
   * @throws dev.segue.spi.SystemFault if what lists them cannot be read
   */
  Listing list() throws IOException;
}
