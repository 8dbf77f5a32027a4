package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The older generation: a JSON file for each session, and a map from keys to sessions. */
final class WorkspaceDirectory implements SessionHome {
  /** Secrets are kept in files of such names; none of them is a session. */
  private static final String SECRETS = "auth";

  private static final String ENDING = ".json";

  private final Path root;
  private final Workspace workspace;
  private final IndexFile<Map<String, List<String>>> map;

  /**
   * @param sessions the directory {@code .sessions} of the workspace
   */
  WorkspaceDirectory(Path root, Path sessions) {
    this.root = root;
    this.workspace = new Workspace(sessions);
    this.map = new IndexFile<>(workspace.mapFile(), WorkspaceDirectory::keys);
  }

  /** The keys of each session. */
  private static Map<String, List<String>> keys(String text) {
    Map<String, List<String>> keys = new HashMap<>();
    JsonText.membersOf(text)
        .forEach(
            (key, id) ->
                keys.computeIfAbsent(
                        String.valueOf(JsonText.unquote(id)), unused -> new ArrayList<>())
                    .add(key));
    return keys;
  }

  @Override
  public Path place() {
    return root;
  }

  @Override
  public Listing list() throws IOException {
    Map<String, Path> files = new TreeMap<>();
    for (Path file : workspace.sessionFiles()) {
      String name = file.getFileName().toString();
      if (!name.startsWith(SECRETS)) {
        files.put(name.substring(0, name.length() - ENDING.length()), file);
      }
    }
    return new WorkspaceListing(files, map.read());
  }
}
