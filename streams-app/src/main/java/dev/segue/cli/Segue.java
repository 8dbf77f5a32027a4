package dev.segue.cli;

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
    System.exit(commandLine().execute(args));
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
