package dev.segue.examples;

import dev.segue.support.Migration;
import dev.segue.support.RedisServer;
import dev.segue.support.Servers;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of {@code examples/}, used as they are but for the addresses. */
public final class Example {
  private Example() {}

  private static Path root() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    return root.resolve("examples");
  }

  /** What stands in an example's file. */
  public static String text(String file) throws IOException {
    return Files.readString(root().resolve(file));
  }

  /** Copies a directory of an example, so that it can be written to. */
  static Path copy(String directory, Path to) throws IOException {
    Path from = root().resolve(directory);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
    return to;
  }

  /** Runs an example's commands, one a line, as redis-cli does. */
  static void run(RedisServer redis, String file) throws Exception {
    try (var connection = redis.connect()) {
      for (String line : text(file).lines().toList()) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("'([^']*)'|(\\S+)").matcher(line);
        while (word.find()) {
          words.add(word.group(1) == null ? word.group(2) : word.group(1));
        }
        CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
        words.subList(1, words.size()).forEach(arguments::add);
        connection
            .sync()
            .dispatch(
                CommandType.valueOf(words.get(0)), new ArrayOutput<>(StringCodec.UTF8), arguments);
      }
    }
  }

  /** Changes words of a migration's configuration. */
  public static void replace(Migration migration, String words, String others) throws IOException {
    String text = Files.readString(migration.file());
    if (!text.contains(words)) {
      throw new IllegalArgumentException("no '" + words + "' in\n" + text);
    }
    Files.writeString(migration.file(), text.replace(words, others));
  }

  /** Has a migration use an example's configuration on the servers of the tests. */
  public static void configure(Migration migration, String file, String... lines)
      throws IOException {
    String database = migration.database();
    String directory = file.substring(0, file.indexOf('/'));
    String text =
        text(file)
            .replaceAll("layout: \\./", "layout: " + root().resolve(directory) + "/")
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
