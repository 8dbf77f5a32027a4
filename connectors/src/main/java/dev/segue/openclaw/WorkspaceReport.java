package dev.segue.openclaw;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What comes of each session, told as it happens and at the end. */
final class WorkspaceReport {
  private final Consumer<String> story;
  private final List<WorkspaceMigration.Failure> failures = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int migrated;
  private int skipped;

  WorkspaceReport(Consumer<String> story) {
    this.story = story;
  }

  void tell(String line) {
    story.accept(line);
  }

  void migrated(String line) {
    migrated++;
    story.accept(line);
  }

  void skipped() {
    skipped++;
  }

  void note(String line) {
    notes.add(line);
  }

  void fail(Path file, Exception e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    story.accept("Failed to migrate " + file.getFileName() + ": " + reason);
    failures.add(new WorkspaceMigration.Failure(file.toString(), reason));
  }

  boolean isClean() {
    return failures.isEmpty();
  }

  WorkspaceMigration.Result result(int found, String backup) {
    return new WorkspaceMigration.Result(
        failures.isEmpty() ? "success" : "partial",
        found,
        migrated,
        skipped,
        List.copyOf(failures),
        backup,
        List.copyOf(notes));
  }
}
