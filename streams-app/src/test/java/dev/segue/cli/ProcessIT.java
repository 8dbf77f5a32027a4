package dev.segue.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.demo.SegueCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command prints as a process of its own, from the archive that the build made. */
class ProcessIT {
  @TempDir private Path directory;

  @Test
  void textIsUtf8WhereNoLocaleIsSet() throws Exception {
    Path file = Files.writeString(directory.resolve("mine.yaml"), "Gespräche 会話 🙂: 1\n");
    ProcessBuilder command = SegueCommand.process("plan", "-f", file.toString());
    command.environment().put("LC_ALL", "POSIX");

    Process process = command.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(out).isEqualTo(2);
    assertThat(out).contains("Gespräche 会話 🙂");
  }

  @Test
  void aCommandTellsItsVersion() throws Exception {
    Process process = SegueCommand.process("--version").start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).isZero();
    assertThat(out.strip()).matches("segue [0-9]+\\.[0-9]+\\.[0-9]+(-SNAPSHOT)?");
  }
}
