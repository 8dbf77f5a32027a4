package dev.segue.cli;

import dev.segue.config.ConfigReader;
import dev.segue.config.MigrationConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which every command is told its migration. */
final class ConfigOption {
  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      defaultValue = "migration.yaml",
      description = "The migration's configuration (default: ${DEFAULT-VALUE}).")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A value that goes before the file's, such as kafka.partitions=4.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  MigrationConfig read() {
    return new ConfigReader(System::getenv, overrides).read(file);
  }
}
