package dev.segue.cli;

import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The layouts that Segue brings along. */
@Command(
    name = "layouts",
    description = "Lists the built-in layouts, or shows one.",
    mixinStandardHelpOptions = true)
final class LayoutsCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    list();
  }

  @Command(
      name = "list",
      description = "Lists the built-in layouts.",
      mixinStandardHelpOptions = true)
  void list() {
    PrintWriter out = spec.commandLine().getOut();
    for (String name : LayoutCatalog.names()) {
      Layout layout = LayoutCatalog.load(name);
      out.printf("%-20s %s%n", name, layout.title());
    }
    out.flush();
  }

  @Command(
      name = "show",
      description = "Prints a layout's YAML, or the SQL that creates its tables.",
      mixinStandardHelpOptions = true)
  void show(
      @Parameters(paramLabel = "NAME", description = "A built-in layout.") String name,
      @CommandLine.Option(names = "--ddl", description = "Print the SQL instead.") boolean ddl) {
    PrintWriter out = spec.commandLine().getOut();
    if (ddl) {
      out.print(
          LayoutCatalog.load(name)
              .ddl()
              .orElseThrow(
                  () ->
                      new CommandLine.ParameterException(
                          spec.commandLine(), "layout " + name + " brings no SQL")));
    } else {
      out.print(LayoutCatalog.text(name));
    }
    out.flush();
  }
}
