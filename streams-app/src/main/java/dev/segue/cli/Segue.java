package dev.segue.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's root. */
@Command(
    name = "segue",
    description = "Moves a live agent product's conversations from one system to another.",
    mixinStandardHelpOptions = true,
    versionProvider = Segue.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    subcommands = {
      DemoCommand.class,
      InitCommand.class,
      PlanCommand.class,
      RunCommand.class,
      StatusCommand.class,
      VerifyCommand.class,
      CutoverCommand.class,
      RollbackCommand.class,
      ReplayCommand.class,
      DeadLettersCommand.class,
      CompleteCommand.class,
      LayoutsCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      MigrateWorkspaceCommand.class,
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 the job itself failed, 2 wrong usage or configuration,",
      "3 a system is unreachable or refuses.",
    })
public final class Segue implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** The command line of a whole process. */
  public static CommandLine commandLine() {
    return new CommandLine(new Segue())
        .setExecutionExceptionHandler(new Failures())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  public static void main(String[] args) {
    CommandLine line = commandLine();
    // JSON is UTF-8, and so are the ids of sessions, also where no locale is set.
    line.setOut(utf8(FileDescriptor.out));
    line.setErr(utf8(FileDescriptor.err));
    System.exit(line.execute(args));
  }

  private static PrintWriter utf8(FileDescriptor to) {
    return new PrintWriter(new OutputStreamWriter(new FileOutputStream(to), UTF_8), true);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version that the build wrote into the archive. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Segue.class.getPackage().getImplementationVersion();
      return new String[] {"segue " + (version == null ? "from sources" : version)};
    }
  }
}
