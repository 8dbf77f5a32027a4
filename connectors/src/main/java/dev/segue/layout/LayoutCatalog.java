package dev.segue.layout;

import dev.segue.yaml.YamlException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The layouts that Segue brings along, and those that a user writes. */
public final class LayoutCatalog {
  private static final List<String> BUILT_IN =
      List.of(
          "aria-engine",
          "aria-legacy",
          "callsphere",
          "langchain-postgres",
          "langchain-redis-list",
          "n8n-postgres",
          "openai-agents-redis",
          "openai-agents-sql",
          "openclaw-sqlite",
          "openclaw-store",
          "openclaw-workspace",
          "redis-agent",
          "segue-postgres");

  private LayoutCatalog() {}

  /** The names of the layouts that Segue brings along. */
  public static List<String> names() {
    return BUILT_IN;
  }

  /**
   * The layout of that name, or the one in that file.
   *
   * @throws YamlException if there is none, or it is malformed
   */
  public static Layout load(String nameOrPath) {
    if (BUILT_IN.contains(nameOrPath)) {
      return new LayoutReader(resource(nameOrPath + ".sql"))
          .read("layout " + nameOrPath, text(nameOrPath));
    }
    Path path = Path.of(nameOrPath);
    if (!Files.isRegularFile(path)) {
      throw new YamlException(
          List.of(
              "layout '"
                  + nameOrPath
                  + "' is neither built in nor a file. Built in are "
                  + String.join(", ", BUILT_IN)
                  + "; see: segue layouts list"));
    }
    try {
      return new LayoutReader(Optional.empty()).read(path.toString(), Files.readString(path));
    } catch (IOException e) {
      throw new YamlException(List.of(path + ": cannot be read: " + e.getMessage()));
    }
  }

  /** A built-in layout's own YAML. */
  public static String text(String name) {
    return resource(name + ".yaml")
        .orElseThrow(() -> new YamlException(List.of("layout '" + name + "' is not built in")));
  }

  private static Optional<String> resource(String name) {
    try (InputStream stream = LayoutCatalog.class.getResourceAsStream("/layouts/" + name)) {
      return stream == null
          ? Optional.empty()
          : Optional.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
