package dev.segue.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
    footer = {
      "",
      "Exit codes: 0 done, 1 the job itself failed, 2 wrong usage or configuration,",
      "3 a system is unreachable or refuses.",
    })
public final class Segue implements Runnable {
  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> all = new LinkedHashMap<>();
    all.put("demo", DemoCommand::new);
    all.put("init", InitCommand::new);
    all.put("plan", PlanCommand::new);
    all.put("run", RunCommand::new);
    all.put("status", StatusCommand::new);
    all.put("verify", VerifyCommand::new);
    all.put("cutover", CutoverCommand::new);
    all.put("rollback", RollbackCommand::new);
    all.put("replay", ReplayCommand::new);
    all.put("dead-letters", DeadLettersCommand::new);
    all.put("complete", CompleteCommand::new);
    all.put("layouts", LayoutsCommand::new);
    all.put("export", ExportCommand::new);
    all.put("import", ImportCommand::new);
    all.put("migrate-workspace", MigrateWorkspaceCommand::new);
    return all;
  }

  /** The command line of a whole process. */
  public static CommandLine commandLine() {
    return commandLine(COMMANDS.keySet());
  }

  private static CommandLine commandLine(Set<String> names) {
    CommandLine line = new CommandLine(new Segue());
    names.forEach(name -> line.addSubcommand(name, COMMANDS.get(name).get()));
    return line.setExecutionExceptionHandler(new Failures())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  public static void main(String[] args) {
    // Describing all the commands takes longer than one of them may.
    boolean named = args.length > 0 && COMMANDS.containsKey(args[0]);
    CommandLine line = named ? commandLine(Set.of(args[0])) : commandLine();
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
