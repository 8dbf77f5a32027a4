package dev.segue.cli;

import dev.segue.interchange.SessionFiles;
import dev.segue.migration.FileExchange;
import dev.segue.openclaw.StoreFiles;
import dev.segue.spi.DocumentReader;
import dev.segue.status.StatusJson;
import dev.segue.yaml.YamlException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sessions of files into a system. */
@Command(
    name = "import",
    description = {
      "Adds the sessions of files to a system: what segue export wrote, documents of sessions from"
          + " elsewhere, or OpenClaw's directory of sessions. A session that is there already is"
          + " skipped; each is added as a whole or not at all.",
    },
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATH",
      description = "The file; or a directory with sessions.json and transcripts.")
  private Path path;

  @Mixin private SystemOptions system;

  @Option(
      names = "--name",
      defaultValue = "import",
      description = "What the layout's envelope calls this import (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Logging.quiet();
    FileExchange.Imported done;
    PrintWriter err = spec.commandLine().getErr();
    try (DocumentReader reader = open()) {
      done =
          FileExchange.importInto(
              system.system(),
              reader,
              name,
              count -> err.printf(Locale.ROOT, "%,d sessions%n", count));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatusJson.mapper().writeValueAsString(done));
    } else {
      out.printf(
          Locale.ROOT,
          "Imported %,d, skipped %,d, errors %,d%n",
          done.imported(),
          done.skipped(),
          done.errors());
      done.failures()
          .forEach(
              (id, reason) ->
                  out.println(
                      id.startsWith("?") ? "  " + reason : "  session " + id + ": " + reason));
    }
    out.flush();
    return done.errors() == 0 ? 0 : Failures.JOB_FAILED;
  }

  private DocumentReader open() throws IOException {
    if (Files.isDirectory(path)) {
      if (!StoreFiles.isMeant(path)) {
        throw new YamlException(
            List.of(path + ": has neither sessions.json nor transcripts (*.jsonl)"));
      }
      return StoreFiles.read(path);
    }
    if (!Files.isReadable(path)) {
      throw new YamlException(List.of(path + ": no such file, or it cannot be read"));
    }
    return SessionFiles.read(new BufferedInputStream(Files.newInputStream(path)));
  }
}
