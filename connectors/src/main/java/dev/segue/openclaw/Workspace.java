package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of a workspace.
 *
 * @param sessions the directory that has them
 */
record Workspace(Path sessions) {
  private static final String MAP = "session_map.json";

  /** The sessions of the older generation. */
  List<Path> sessionFiles() throws IOException {
    try (Stream<Path> all = Files.list(sessions)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().endsWith(".json"))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> !file.getFileName().toString().equals(MAP))
          .filter(file -> !file.getFileName().toString().equals(SessionStore.FILE))
          .sorted()
          .toList();
    }
  }

  Path mapFile() {
    return sessions.resolve(MAP);
  }

  /** Where the older generation's files are copied to before anything is written. */
  Path backup() {
    return sessions.resolve("backup_old_format");
  }

  /** Where the newer generation's files are put. */
  Path aside() {
    return sessions.resolve("backup_new_format");
  }

  /**
   * The map of the older generation, from key to session.
   *
   * @throws SystemFault if there is one that cannot be read: without it, keys would be lost
   */
  Map<String, String> map() throws IOException, InterruptedException {
    Path map = mapFile();
    if (!Files.exists(map)) {
      return new LinkedHashMap<>();
    }
    try {
      return SessionFile.patiently(map, (text, modified) -> JsonText.membersOf(text));
    } catch (MalformedRecordException e) {
      throw SystemFault.permanent(
          map + " " + e.getMessage() + ", and without it sessions would lose their keys",
          "mend it, or move it away if there are no keys to keep; nothing was changed");
    }
  }

  /**
   * The store of the newer generation.
   *
   * @throws SystemFault if there is one that cannot be read
   */
  SessionStore store() throws IOException {
    try {
      return SessionStore.read(sessions);
    } catch (MalformedRecordException e) {
      throw SystemFault.permanent(
          sessions.resolve(SessionStore.FILE) + " " + e.getMessage(),
          "mend it, or move it away; nothing was changed");
    }
  }
}
