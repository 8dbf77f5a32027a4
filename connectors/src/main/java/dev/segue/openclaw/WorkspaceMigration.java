package dev.segue.openclaw;

import dev.segue.spi.SystemFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings a workspace of OpenClaw's older generation, a JSON file for each session, into the store
 * that came after it, and back. What is there already stays; doing it twice does nothing.
 */
public final class WorkspaceMigration {
  private static final Duration LOCKING = Duration.ofSeconds(10);

  private WorkspaceMigration() {}

  /**
   * What is asked for.
   *
   * @param agentId whose sessions they are, where no key says it
   * @param dryRun whether nothing is to be written
   * @param backup whether the old files are copied first
   */
  public record Options(String agentId, boolean dryRun, boolean backup) {}

  /** A file that could not be brought over, and why. */
  public record Failure(String file, String error) {}

  /**
   * What came of it.
   *
   * @param status {@code success}, {@code partial} or {@code not_found}
   * @param sessionsSkipped those that were there already
   * @param backup where the old files are; null if they were not copied
   * @param notes what a person should know
   */
  public record Result(
      String status,
      int sessionsFound,
      int sessionsMigrated,
      int sessionsSkipped,
      List<Failure> errors,
      String backup,
      List<String> notes) {}

  /**
   * Brings the sessions over.
   *
   * @param story is told what happens, line by line
   * @throws SystemFault if the store itself cannot be read, or is locked
   */
  public static Result migrate(Path workspace, Options options, Consumer<String> story)
      throws IOException, InterruptedException {
    return locked(
        workspace,
        options,
        files -> new IntoStore(files, options, new WorkspaceReport(story)).run());
  }

  /**
   * Gives the sessions back to the older generation, with all that they have gained since.
   *
   * @throws SystemFault if the store cannot be read, or is locked
   */
  public static Result rollback(Path workspace, Options options, Consumer<String> story)
      throws IOException, InterruptedException {
    return locked(
        workspace,
        options,
        files -> new OutOfStore(files, options, new WorkspaceReport(story)).run());
  }

  private interface Way {
    Result go(Workspace workspace) throws IOException, InterruptedException;
  }

  private static Result locked(Path directory, Options options, Way way)
      throws IOException, InterruptedException {
    Workspace workspace = new Workspace(directory.resolve(".sessions"));
    if (!Files.isDirectory(workspace.sessions())) {
      return new Result("not_found", 0, 0, 0, List.of(), null, List.of());
    }
    if (options.dryRun) {
      return way.go(workspace);
    }
    Path store = workspace.sessions().resolve(SessionStore.FILE);
    try (StoreLock lock = StoreLock.take(store, LOCKING)) {
      return way.go(workspace);
    }
  }
}
