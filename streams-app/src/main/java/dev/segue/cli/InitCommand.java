package dev.segue.cli;

import dev.segue.config.SystemConfig;
import dev.segue.layout.Layout;
import dev.segue.layout.LayoutCatalog;
import dev.segue.layout.LayoutMatch;
import dev.segue.postgres.PostgresAddress;
import dev.segue.postgres.PostgresSource;
import dev.segue.relational.Table;
import dev.segue.yaml.YamlException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks at two systems and writes a configuration. */
@Command(
    name = "init",
    description = "Looks at two databases, recognises their layouts and writes migration.yaml.",
    mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
  @Option(
      names = "--source",
      paramLabel = "URL",
      required = true,
      description =
          "postgresql://user[:password]@host:port/database; a password is not written down.")
  private String source;

  @Option(names = "--target", paramLabel = "URL", required = true, description = "Likewise.")
  private String target;

  @Option(
      names = "--name",
      defaultValue = "chat-move",
      description = "The migration's name (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      defaultValue = "migration.yaml",
      description = "The file to write (default: ${DEFAULT-VALUE}).")
  private Path file;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** A side of the file that is being written. */
  private record Side(String name, PostgresAddress address, LayoutMatch match) {
    String yaml() {
      Map<String, String> renamed =
          match.tables().entrySet().stream()
              .filter(e -> !e.getValue().id().toString().equals(e.getKey()))
              .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().id().toString()));
      String parameters =
          address.parameters().entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining("&"));
      StringBuilder yaml = new StringBuilder();
      yaml.append(name).append(":\n  layout: ").append(match.layout().name());
      yaml.append("\n  url: ").append(address).append(parameters.isEmpty() ? "" : "?" + parameters);
      yaml.append("\n  password: ${env:")
          .append(name.toUpperCase(java.util.Locale.ROOT))
          .append("_PASSWORD}\n");
      if (!renamed.isEmpty()) {
        yaml.append("  tables:\n");
        renamed.forEach(
            (table, real) ->
                yaml.append("    ").append(table).append(": ").append(real).append('\n'));
      }
      return yaml.toString();
    }
  }

  @Override
  public Integer call() throws IOException {
    Logging.quiet();
    PrintWriter out = spec.commandLine().getOut();
    if (Files.exists(file)) {
      throw new YamlException(
          List.of(file + ": exists already; move it away, or name another file with -f"));
    }
    Side from = recognise("source", source, out);
    Side to = recognise("target", target, out);
    String yaml = "name: " + name + "\n" + from.yaml() + to.yaml();
    Files.writeString(file, yaml, StandardOpenOption.CREATE_NEW);
    out.println("Wrote " + file + ". Next:");
    out.println("  export SOURCE_PASSWORD=… TARGET_PASSWORD=…");
    out.println("  segue plan -f " + file);
    out.flush();
    return 0;
  }

  private static Side recognise(String side, String url, PrintWriter out) {
    Optional<String> withoutTables = SystemConfig.withoutTables(url);
    if (withoutTables.isPresent()) {
      throw new YamlException(
          List.of(
              "--"
                  + side
                  + " names "
                  + withoutTables.get()
                  + ", which could belong to many layouts; write migration.yaml by hand, as"
                  + " examples/redis and examples/openclaw do, then: segue plan"));
    }
    PostgresAddress address;
    try {
      address = PostgresAddress.parse(url, null);
    } catch (IllegalArgumentException e) {
      throw new YamlException(List.of("--" + side + " " + e.getMessage()));
    }
    List<Table> tables = PostgresSource.tables(address);
    List<Layout> layouts =
        LayoutCatalog.names().stream()
            .map(LayoutCatalog::load)
            .filter(layout -> !layout.isOfKeys() && !layout.isOfFiles())
            .toList();
    Optional<LayoutMatch> match = LayoutMatch.best(layouts, tables);
    if (match.isEmpty()) {
      throw new YamlException(
          List.of(
              side
                  + " "
                  + address
                  + ": its tables fit none of the built-in layouts ("
                  + String.join(", ", LayoutCatalog.names())
                  + "); it has: "
                  + tables.stream().map(t -> t.id().toString()).collect(Collectors.joining(", "))
                  + ". Write a layout of your own: segue layouts show callsphere > my-layout.yaml"
                  + " (an empty target can get Segue's own tables: layout segue-postgres, then"
                  + " segue plan --create-target)"));
    }
    out.println(side + " " + address + " is " + match.get().layout().name() + ":");
    match
        .get()
        .tables()
        .forEach((table, real) -> out.println("  " + real.id() + " holds " + table));
    return new Side(side, address, match.get());
  }
}
