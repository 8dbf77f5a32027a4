package dev.segue.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.segue.interchange.SessionFiles;
import dev.segue.migration.FileExchange;
import dev.segue.openclaw.StoreFiles;
import dev.segue.spi.DocumentWriter;
import dev.segue.status.StatusJson;
import dev.segue.yaml.YamlException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sessions of a system into files. */
@Command(
    name = "export",
    description = {
      "Writes the sessions of a system into files, in the canonical format or as OpenClaw's. Each"
          + " session is as of one moment. Changes nothing.",
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  /** What the files look like. */
  enum Format {
    /** A line of JSON for each entity. */
    STREAM,
    /** A JSON document for each session, on a line of its own. */
    BUNDLE,
    /** A directory: sessions.json, and a transcript for each session. */
    OPENCLAW
  }

  @Parameters(paramLabel = "PATH", description = "The file to write, or the directory.")
  private Path path;

  @Mixin private SystemOptions system;

  @Option(
      names = "--format",
      defaultValue = "bundle",
      description = "One of: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format;

  @Option(
      names = "--sessions",
      paramLabel = "FILE",
      description = "Only the sessions that this file names, one on each line.")
  private Path sessions;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.quiet();
    Optional<List<String>> some =
        sessions == null
            ? Optional.empty()
            : Optional.of(
                Files.readAllLines(sessions).stream().filter(line -> !line.isBlank()).toList());
    PrintWriter err = spec.commandLine().getErr();
    FileExchange.Exported done =
        FileExchange.export(
            system.system(),
            some,
            this::open,
            count -> err.printf(Locale.ROOT, "%,d sessions%n", count));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(done));
    } else {
      out.printf(
          Locale.ROOT,
          "Exported %,d sessions with %,d entities into %s; errors %,d%n",
          done.sessions(),
          done.entities(),
          path,
          done.failed());
      done.errors().forEach((id, reason) -> out.println("  session " + id + ": " + reason));
    }
    out.flush();
    return done.failed() == 0 ? 0 : Failures.JOB_FAILED;
  }

  private DocumentWriter open() throws IOException, InterruptedException {
    if (format == Format.OPENCLAW) {
      return StoreFiles.write(path);
    }
    if (Files.exists(path)) {
      throw new YamlException(List.of(path + ": exists already; move it away, or name another"));
    }
    OutputStreamWriter text = new OutputStreamWriter(Files.newOutputStream(path), UTF_8);
    return format == Format.STREAM ? SessionFiles.stream(text) : SessionFiles.bundles(text);
  }
}
