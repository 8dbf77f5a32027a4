package dev.segue.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.cli.Segue;
import dev.segue.config.ConfigKey;
import dev.segue.failpoint.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * The reference pages say what the code says. {@code mvn test -Ddocs.write=true} writes them anew.
 */
class ReferenceTest {
  @Test
  void cliPageIsWhatTheCommandsSay() throws IOException {
    StringBuilder page = new StringBuilder("# Command line\n\n");
    page.append("Generated from the commands; the build checks that it is up to date.\n");
    describe(Segue.commandLine(), "segue", page);
    check("docs/reference/cli.md", page.toString());
  }

  private static void describe(CommandLine command, String name, StringBuilder page) {
    command.setUsageHelpWidth(100);
    command.getCommandSpec().usageMessage().autoWidth(false);
    page.append("\n## ").append(name).append("\n\n```\n");
    page.append(command.getUsageMessage(CommandLine.Help.Ansi.OFF)).append("```\n");
    for (Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
      describe(sub.getValue(), name + " " + sub.getKey(), page);
    }
  }

  @Test
  void configurationPageIsWhatTheReaderReads() throws IOException {
    StringBuilder page = new StringBuilder("# migration.yaml\n\n");
    page.append("Generated from the code; the build checks that it is up to date.\n");
    page.append("Any scalar may hold `${env:NAME}` or `${file:/path}`.\n");
    page.append("`--set key=value` goes before the file.\n\n");
    page.append("| key | default | example | meaning |\n|---|---|---|---|\n");
    for (ConfigKey key : ConfigKey.values()) {
      page.append("| `").append(key.path()).append("` | ");
      page.append(key.defaultValue()).append(" | `").append(key.example()).append("` | ");
      page.append(key.meaning()).append(" |\n");
    }
    page.append("\n## For tests\n\n`").append(Failpoint.VARIABLE);
    page.append("=name=halt|stall|fail|gate@hit` ends, stalls, fails or holds the process at a\n");
    page.append(
        "named point (`gate`: while directory `SEGUE_FAILPOINT_GATES` has a file of its name):\n");
    for (Failpoint point : Failpoint.values()) {
      page.append("\n- `").append(point.wireName()).append('`');
    }
    check("docs/reference/configuration.md", page.append('\n').toString());
  }

  private static void check(String file, String expected) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    Path page = root.resolve(file);
    if (Boolean.getBoolean("docs.write")) {
      Files.createDirectories(page.getParent());
      Files.writeString(page, expected);
    }
    assertThat(page)
        .as("written anew by: mvn test -Ddocs.write=true")
        .exists()
        .content(StandardCharsets.UTF_8)
        .isEqualTo(expected);
  }
}
