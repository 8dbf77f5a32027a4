package dev.segue.cli;

import dev.segue.openclaw.WorkspaceMigration;
import dev.segue.status.StatusJson;
import dev.segue.yaml.YamlException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** OpenClaw's session files into its store, and back. */
@Command(
    name = "migrate-workspace",
    description = {
      "Brings a workspace of OpenClaw, which has a JSON file for each session in .sessions/, into its"
          + " newer store: sessions.json and transcripts. The old files stay, and are copied first."
          + " Doing it again brings what is new.",
    },
    mixinStandardHelpOptions = true)
final class MigrateWorkspaceCommand implements Callable<Integer> {
  private static final String RULE = "=".repeat(60);

  @Parameters(paramLabel = "DIR", description = "The workspace, which contains .sessions/.")
  private Path workspace;

  @Option(
      names = "--agent-id",
      paramLabel = "ID",
      defaultValue = "main",
      description = "Whose sessions they are, where no key says it (default: ${DEFAULT-VALUE}).")
  private String agentId;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Option(names = "--no-backup", description = "Do not copy the old files first.")
  private boolean noBackup;

  @Option(
      names = "--rollback",
      description =
          "The other way: give the sessions back to the older generation, with all they gained."
              + " The newer files are put aside.")
  private boolean rollback;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say for each session what the store has no place for.")
  private boolean verbose;

  @Option(names = "--json", description = "Print one JSON document; the story goes to stderr.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.quiet();
    if (!agentId.matches("[A-Za-z0-9._-]+")) {
      throw new YamlException(
          List.of("--agent-id must be letters, digits, '.', '_', '-', found '" + agentId + "'"));
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter told = json ? spec.commandLine().getErr() : out;
    Consumer<String> story =
        line -> {
          told.println(line);
          told.flush();
        };
    story.accept("Starting migration for workspace: " + workspace);
    WorkspaceMigration.Options options = new WorkspaceMigration.Options(agentId, dryRun, !noBackup);
    WorkspaceMigration.Result result =
        rollback
            ? WorkspaceMigration.rollback(workspace, options, story)
            : WorkspaceMigration.migrate(workspace, options, story);
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(result));
    } else {
      print(result, out);
    }
    out.flush();
    return result.errors().isEmpty() ? 0 : 1;
  }

  private void print(WorkspaceMigration.Result result, PrintWriter out) {
    if (verbose) {
      result.notes().forEach(note -> out.println("Note: " + note));
    }
    out.println(RULE);
    out.println("Migration Results");
    out.println(RULE);
    out.println("Status: " + result.status());
    out.println("Sessions found: " + result.sessionsFound());
    out.println("Sessions migrated: " + result.sessionsMigrated());
    if (result.sessionsSkipped() > 0) {
      out.println("Sessions there already: " + result.sessionsSkipped());
    }
    out.println("Errors: " + result.errors().size());
    if (result.backup() != null) {
      out.println("Backup location: " + result.backup());
    }
    if (!result.notes().isEmpty() && !verbose) {
      out.println("Notes: " + result.notes().size() + " (--verbose shows them)");
    }
    if (!result.errors().isEmpty()) {
      out.println();
      out.println("Errors:");
      result.errors().forEach(error -> out.println("  " + error.file() + ": " + error.error()));
    }
    out.println(RULE);
    if (result.status().equals("not_found")) {
      out.println(
          "Sessions directory not found: "
              + workspace.resolve(".sessions")
              + ". This is normal for a new workspace; nothing has to be migrated");
    } else if (dryRun) {
      out.println("DRY RUN - No changes were made");
    } else if (result.errors().isEmpty()) {
      out.println(rollback ? "Rollback complete!" : "Migration complete!");
    } else {
      out.println("Mend the files that are named, then do this once more");
    }
  }
}
