package dev.segue.examples;

import dev.segue.support.Migration;
import dev.segue.support.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of {@code examples/}, used as they are but for the addresses. */
final class Example {
  private Example() {}

  static String text(String file) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    return Files.readString(root.resolve("examples").resolve(file));
  }

  /** Has a migration use an example's configuration on the servers of the tests. */
  static void configure(Migration migration, String file, String... lines) throws IOException {
    String database = migration.database();
    String text =
        text(file)
            .replaceAll("(?m)^name: .*$", "name: " + migration.name())
            .replaceAll("postgresql://segue@old-db\\S+", Servers.source().url(database))
            .replaceAll("postgresql://segue@new-db\\S+", Servers.target().url(database))
            .replaceAll("(?m)^  password: .*\n", "");
    Files.writeString(
        migration.file(),
        text
            + "data-dir: "
            + migration.directory().resolve("data")
            + "\n"
            + String.join("\n", lines)
            + "\n");
  }
}
