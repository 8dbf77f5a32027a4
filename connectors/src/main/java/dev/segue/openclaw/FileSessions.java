package dev.segue.openclaw;

import dev.segue.layout.Layout;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory of sessions, read in the terms of a layout.
 *
 * @param root the directory that the user named
 */
record FileSessions(Path root, SessionDirectory directory, FileTables tables) {
  private static final String STORE = "openclaw-store";
  private static final String WORKSPACE = "openclaw-workspace";

  /**
   * Looks at a directory.
   *
   * @throws SystemFault if it is none, or not of the layout's generation
   */
  static FileSessions open(Path named, Layout layout) {
    Path sessions = layout.name().equals(WORKSPACE) ? named.resolve(".sessions") : named;
    if (!List.of(STORE, WORKSPACE).contains(layout.name())) {
      throw SystemFault.permanent(
          "layout " + layout.name() + " is of no files that are known",
          "name it " + STORE + " or " + WORKSPACE + ", as what it is about is kept");
    }
    try {
      if (!Files.isDirectory(sessions)) {
        throw SystemFault.permanent(
            sessions + " is not a directory that can be read",
            "name the directory of "
                + (layout.name().equals(WORKSPACE)
                    ? "the workspace, which has .sessions in it"
                    : "sessions.json and its transcripts")
                + " in the source's url");
      }
      Path root = named.toRealPath();
      Path real = sessions.toRealPath();
      return new FileSessions(
          root,
          layout.name().equals(WORKSPACE) ? new WorkspaceDirectory(real) : new StoreDirectory(real),
          new FileTables(layout));
    } catch (IOException e) {
      throw StoreFiles.cannot(named, e);
    }
  }

  /** Which sessions there are now. */
  Listing list() {
    try {
      return directory.list();
    } catch (IOException e) {
      throw passing(e);
    }
  }

  /** What the stamp of a session would be now. */
  SessionReading.Stamp stamp(Listing listing, String session) {
    try {
      return SessionReading.Stamp.of(listing, session);
    } catch (IOException e) {
      throw passing(e);
    }
  }

  /** A session as its files are now. */
  SessionReading read(Listing listing, String session) {
    try {
      return SessionReading.of(tables, listing, session);
    } catch (IOException e) {
      throw passing(e);
    }
  }

  private SystemFault passing(IOException e) {
    return new SystemFault(
        SystemFault.Nature.TRANSIENT,
        root + " cannot be read: " + e,
        "see that the directory is there and may be read",
        e);
  }
}
