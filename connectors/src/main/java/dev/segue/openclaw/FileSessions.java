package dev.segue.openclaw;

import dev.segue.finding.Finding;
import dev.segue.layout.Layout;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** OpenClaw's sessions, read in the terms of a layout. */
record FileSessions(SessionHome home, FileTables tables) implements AutoCloseable {
  private static final String STORE = "openclaw-store";
  private static final String WORKSPACE = "openclaw-workspace";
  private static final String DATABASE = "openclaw-sqlite";

  /**
   * Looks where the user says that they are.
   *
   * @throws SystemFault if nothing of the layout's generation is there
   */
  static FileSessions open(Path named, Layout layout) {
    try {
      return new FileSessions(home(named, layout.name()), new FileTables(layout));
    } catch (IOException e) {
      throw StoreFiles.cannot(named, e);
    }
  }

  private static SessionHome home(Path named, String layout) throws IOException {
    return switch (layout) {
      case STORE -> new StoreDirectory(directory(named, "sessions.json and its transcripts"));
      case WORKSPACE -> {
        Path sessions =
            directory(named.resolve(".sessions"), "the workspace, which has .sessions in it");
        yield new WorkspaceDirectory(named.toRealPath(), sessions);
      }
      case DATABASE -> DatabaseHome.open(named);
      default ->
          throw SystemFault.permanent(
              "layout " + layout + " is of no files that are known",
              "name it "
                  + String.join(" or ", List.of(STORE, WORKSPACE, DATABASE))
                  + ", as what it is about is kept");
    };
  }

  private static Path directory(Path path, String what) throws IOException {
    if (!Files.isDirectory(path)) {
      throw SystemFault.permanent(
          path + " is not a directory that can be read",
          "name the directory of " + what + " in the source's url");
    }
    return path.toRealPath();
  }

  /** How messages name it. */
  Path place() {
    return home.place();
  }

  /** Where marks are put. */
  Path root() {
    return home.directory();
  }

  /** What is to be known before anything is moved. */
  List<Finding> findings() {
    return reading(home::findings);
  }

  /** Which sessions there are now. */
  Listing list() {
    return reading(home::list);
  }

  /** What the stamp of a session would be now. */
  SessionStamp stamp(Listing listing, String session) {
    return reading(() -> listing.stamp(session));
  }

  /** A session as it is now. */
  SessionReading read(Listing listing, String session) {
    return reading(() -> listing.read(session, tables));
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private <T> T reading(Reading<T> reading) {
    try {
      return reading.read();
    } catch (IOException e) {
      throw new SystemFault(
          SystemFault.Nature.TRANSIENT,
          place() + " cannot be read: " + e,
          "see that it is there and may be read",
          e);
    }
  }

  @Override
  public void close() {
    home.close();
  }
}
