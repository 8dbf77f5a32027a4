package dev.segue.openclaw;

import dev.segue.canonical.MalformedRecordException;
import dev.segue.canonical.SessionDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The sessions of a directory, each of which has a file. */
interface FileListing extends Listing {
  /** The file of each session; it may be missing where something else tells of the session. */
  Map<String, Path> files();

  /** What tells of a session besides its own file, as one text. */
  String about(String session);

  /** Why a session cannot be read, whatever its own file says. */
  default Optional<String> wrong(String session) {
    return Optional.empty();
  }

  /** Whether a file grows line by line, so that its last line may be only half there. */
  boolean isOfLines();

  /**
   * A session as its file's bytes tell it.
   *
   * @param bytes null if there is no file
   * @return empty if there is no such session
   * @throws MalformedRecordException saying what is wrong with them
   */
  Optional<SessionDocument> read(String session, byte[] bytes);

  @Override
  default Set<String> sessions() {
    return files().keySet();
  }

  @Override
  default SessionStamp stamp(String session) throws IOException {
    return FileReading.Stamp.of(this, session);
  }

  @Override
  default SessionReading read(String session, FileTables tables) throws IOException {
    return FileReading.of(tables, this, session);
  }
}
