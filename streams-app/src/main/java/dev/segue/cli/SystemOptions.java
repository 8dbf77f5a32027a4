package dev.segue.cli;

import dev.segue.config.SystemConfig;
import dev.segue.spi.Secret;
import dev.segue.yaml.YamlException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which a command is told one system, without a migration. */
final class SystemOptions {
  @Option(
      names = "--url",
      required = true,
      paramLabel = "URL",
      description =
          "postgresql://user@host:port/database; to read also redis://host:port/0 or file:///directory."
              + " The password may stand in it, or in the environment variable SEGUE_PASSWORD.")
  private String url;

  @Option(
      names = "--layout",
      required = true,
      paramLabel = "LAYOUT",
      description = "How the system stores sessions: a built-in layout, or a path.")
  private String layout;

  @Option(
      names = "--table",
      paramLabel = "NAME=TABLE",
      description = "A real table by the layout's name for it, where name or schema differ.")
  private Map<String, String> tables = new LinkedHashMap<>();

  SystemConfig system() {
    String password = System.getenv("SEGUE_PASSWORD");
    try {
      return SystemConfig.of(layout, url, password == null ? null : new Secret(password), tables);
    } catch (IllegalArgumentException e) {
      throw new YamlException(List.of("--url " + e.getMessage()));
    }
  }
}
