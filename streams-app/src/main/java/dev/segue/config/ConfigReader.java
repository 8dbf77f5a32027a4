package dev.segue.config;

import dev.segue.embedding.EmbedderSettings;
import dev.segue.embedding.EmbeddingSpace;
import dev.segue.spi.Secret;
import dev.segue.yaml.YamlException;
import dev.segue.yaml.YamlMap;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code migration.yaml}; everything that is wrong with it is said at once, with its line.
 */
public final class ConfigReader {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(KB|MB|GB)");
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m)");

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final UnaryOperator<String> environment;
  private final Map<String, String> overrides;
  private final Set<String> used = new HashSet<>();

  /**
   * @param environment gives an environment variable's value, or null
   * @param overrides values by key path that go before what the file says
   */
  public ConfigReader(UnaryOperator<String> environment, Map<String, String> overrides) {
    this.environment = environment;
    this.overrides = Map.copyOf(overrides);
  }

  /**
   * Reads a file.
   *
   * @throws YamlException with everything that is wrong
   */
  public MigrationConfig read(Path file) {
    try {
      return read(file.toString(), Files.readString(file));
    } catch (java.nio.file.NoSuchFileException e) {
      throw new YamlException(
          List.of(
              file
                  + ": no such file; write one with: segue init --source URL --target URL, or name"
                  + " another with -f"));
    } catch (IOException e) {
      throw new YamlException(List.of(file + ": cannot be read: " + e.getMessage()));
    }
  }

  MigrationConfig read(String file, String text) {
    YamlMap root = YamlMap.parse(file, text).allow(ConfigKey.in(""));
    String name = required(root, "", ConfigKey.NAME);
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      root.complain("name", "must match [a-z][a-z0-9-]{0,30}, found '" + name + "'");
    }
    Optional<SystemConfig> source =
        system(root, "source", ConfigKey.SOURCE_LAYOUT, ConfigKey.SOURCE_URL);
    Optional<SystemConfig> target =
        system(root, "target", ConfigKey.TARGET_LAYOUT, ConfigKey.TARGET_URL);
    MigrationConfig.Kafka kafka = kafka(root);
    Path dataDir = Path.of(text(root, "", "data-dir").orElse(".segue/" + name));
    YamlMap snapshot = section(root, "snapshot");
    int parallelism =
        text(snapshot, "snapshot", "parallelism")
            .filter(value -> !value.equals("auto"))
            .map(value -> number(snapshot, "parallelism", value, 1, 32))
            .orElse(Math.min(8, Runtime.getRuntime().availableProcessors()));
    long chunk =
        text(snapshot, "snapshot", "chunk")
            .map(value -> size(snapshot, "chunk", value))
            .orElse(64L << 20);
    YamlMap capture = section(root, "capture");
    Duration heartbeat =
        text(capture, "capture", "heartbeat")
            .map(value -> duration(capture, "heartbeat", value, 100))
            .orElse(Duration.ofSeconds(1));
    YamlMap verify = section(root, "verify");
    boolean continuous =
        text(verify, "verify", "continuous")
            .map(value -> flag(verify, "continuous", value))
            .orElse(false);
    Optional<MigrationConfig.Vectors> vectors = vectors(root);
    MigrationConfig.Cutover cutover = cutover(section(root, "cutover"));
    if (cutover.rollbackOnDrift() && !continuous) {
      root.complain("cutover.rollback-on-drift", "needs verify.continuous: true");
    }
    MigrationConfig.Listen listen = listen(section(root, "http"));
    overrides.keySet().stream()
        .filter(key -> !used.contains(key))
        .forEach(key -> root.complain("--set " + key, "is not a key of this file"));
    root.finish();
    return new MigrationConfig(
        name,
        source.orElseThrow(),
        target.orElseThrow(),
        kafka,
        dataDir,
        parallelism,
        chunk,
        heartbeat,
        continuous,
        vectors,
        cutover,
        listen);
  }

  private YamlMap section(YamlMap root, String name) {
    return root.map(name).allow(ConfigKey.in(name));
  }

  private Optional<SystemConfig> system(
      YamlMap root, String side, ConfigKey layout, ConfigKey urlKey) {
    if (!root.has(side) && overrides.keySet().stream().noneMatch(k -> k.startsWith(side + "."))) {
      root.complain(side, "is missing; it needs layout and url");
      return Optional.empty();
    }
    YamlMap section = section(root, side);
    String name = required(section, side, layout);
    String url = required(section, side, urlKey);
    Secret password = text(section, side, "password").map(Secret::new).orElse(null);
    Map<String, String> tables = strings(section.map("tables"), side + ".tables");
    if (url.isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<String> onlyRead = SystemConfig.onlyRead(url).filter(s -> side.equals("target"));
      if (onlyRead.isPresent()) {
        throw new IllegalArgumentException(
            "names " + onlyRead.get() + ", which can only be a source; a target is postgresql://…");
      }
      return Optional.of(SystemConfig.of(name, url, password, tables));
    } catch (IllegalArgumentException e) {
      section.complain("url", e.getMessage());
      return Optional.empty();
    }
  }

  private MigrationConfig.Kafka kafka(YamlMap root) {
    YamlMap kafka = section(root, "kafka");
    Optional<String> bootstrap =
        text(kafka, "kafka", "bootstrap").filter(value -> !value.equals("embedded"));
    bootstrap
        .filter(value -> !value.matches("[^:,\\s]+:\\d+(,[^:,\\s]+:\\d+)*"))
        .ifPresent(
            value ->
                kafka.complain(
                    "bootstrap",
                    "must be 'embedded' or host:port,host:port, found '" + value + "'"));
    int partitions =
        text(kafka, "kafka", "partitions")
            .map(value -> number(kafka, "partitions", value, 1, 256))
            .orElse(8);
    return new MigrationConfig.Kafka(
        bootstrap, strings(kafka.map("properties"), "kafka.properties"), partitions);
  }

  private Optional<MigrationConfig.Vectors> vectors(YamlMap root) {
    if (!root.has("vectors") && overrides.keySet().stream().noneMatch(isIn("vectors"))) {
      return Optional.empty();
    }
    YamlMap vectors = section(root, "vectors");
    EmbeddingSpace source =
        space(
            vectors.map("source").allow(ConfigKey.in("vectors.source")),
            "vectors.source",
            ConfigKey.VECTORS_SOURCE_MODEL,
            ConfigKey.VECTORS_SOURCE_DIMENSION);
    EmbeddingSpace target =
        space(
            vectors.map("target").allow(ConfigKey.in("vectors.target")),
            "vectors.target",
            ConfigKey.VECTORS_TARGET_MODEL,
            ConfigKey.VECTORS_TARGET_DIMENSION);
    MigrationConfig.Vectors all = new MigrationConfig.Vectors(source, target, embedder(vectors));
    if (all.areMadeAnew() && all.embedder().isEmpty()) {
      vectors.complain(
          "embedder",
          "is missing: "
              + target
              + " is not "
              + source
              + ", so vectors have to be made anew; set vectors.embedder.url or"
              + " vectors.embedder.name");
    }
    return Optional.of(all);
  }

  private static Predicate<String> isIn(String section) {
    return key -> key.startsWith(section + ".");
  }

  private EmbeddingSpace space(
      YamlMap space, String section, ConfigKey modelKey, ConfigKey dimensionKey) {
    String model = required(space, section, modelKey);
    String dimension = required(space, section, dimensionKey);
    Map<String, EmbeddingSpace.Metric> metrics = new LinkedHashMap<>();
    for (EmbeddingSpace.Metric metric : EmbeddingSpace.Metric.values()) {
      metrics.put(metric.word(), metric);
    }
    String word = text(space, section, "metric").orElse("cosine");
    if (!metrics.containsKey(word)) {
      space.complain("metric", "must be one of " + metrics.keySet() + ", found '" + word + "'");
    }
    return new EmbeddingSpace(
        text(space, section, "provider").orElse(""),
        model,
        text(space, section, "revision").orElse(""),
        dimension.isEmpty() ? 1 : number(space, "dimension", dimension, 1, 100_000),
        metrics.getOrDefault(word, EmbeddingSpace.Metric.COSINE));
  }

  private Optional<EmbedderSettings> embedder(YamlMap vectors) {
    String section = "vectors.embedder";
    YamlMap embedder = vectors.map("embedder").allow(ConfigKey.in(section));
    Optional<String> name = text(embedder, section, "name");
    Optional<URI> url = text(embedder, section, "url").flatMap(text -> uri(embedder, text));
    Optional<Secret> key = text(embedder, section, "key").map(Secret::new);
    int batch =
        text(embedder, section, "batch")
            .map(value -> number(embedder, "batch", value, 1, 2048))
            .orElse(64);
    OptionalInt perMinute =
        text(embedder, section, "requests-per-minute")
            .map(
                value -> OptionalInt.of(number(embedder, "requests-per-minute", value, 1, 100_000)))
            .orElse(OptionalInt.empty());
    OptionalDouble price =
        text(embedder, section, "price")
            .map(value -> OptionalDouble.of(price(embedder, value)))
            .orElse(OptionalDouble.empty());
    if (name.isPresent() && url.isPresent()) {
      embedder.complain("name", "and url are both set; keep one of them");
    }
    return name.isPresent() == url.isPresent()
        ? Optional.empty()
        : Optional.of(new EmbedderSettings(name, url, key, batch, perMinute, price));
  }

  private static Optional<URI> uri(YamlMap embedder, String text) {
    try {
      URI uri = new URI(text);
      if (List.of("http", "https").contains(uri.getScheme()) && uri.getHost() != null) {
        return Optional.of(uri);
      }
    } catch (URISyntaxException e) {
      // The complaint below says what was expected.
    }
    embedder.complain("url", "must be http://… or https://…, found '" + text + "'");
    return Optional.empty();
  }

  private static double price(YamlMap embedder, String value) {
    if (!value.matches("\\d{1,6}(\\.\\d+)?")) {
      embedder.complain("price", "must be a number such as 0.02, found '" + value + "'");
      return 0;
    }
    return Double.parseDouble(value);
  }

  private MigrationConfig.Cutover cutover(YamlMap cutover) {
    YamlMap hooks = cutover.map("hooks").allow(ConfigKey.in("cutover.hooks"));
    return new MigrationConfig.Cutover(
        text(cutover, "cutover", "max-pause")
            .map(value -> duration(cutover, "max-pause", value, 200))
            .orElse(Duration.ofSeconds(3)),
        text(cutover, "cutover", "max-lag")
            .map(value -> duration(cutover, "max-lag", value, 100))
            .orElse(Duration.ofSeconds(5)),
        text(cutover, "cutover", "require-parity")
            .map(value -> flag(cutover, "require-parity", value))
            .orElse(true),
        text(cutover, "cutover", "rollback-on-drift")
            .map(value -> flag(cutover, "rollback-on-drift", value))
            .orElse(false),
        new MigrationConfig.Hooks(
            text(hooks, "cutover.hooks", "before"),
            text(hooks, "cutover.hooks", "after"),
            text(hooks, "cutover.hooks", "abort")));
  }

  private static boolean flag(YamlMap map, String key, String value) {
    if (!value.equals("true") && !value.equals("false")) {
      map.complain(key, "must be true or false, found '" + value + "'");
    }
    return value.equals("true");
  }

  private MigrationConfig.Listen listen(YamlMap http) {
    String value = text(http, "http", "listen").orElse("127.0.0.1:0");
    int colon = value.lastIndexOf(':');
    String host = colon < 0 ? "" : value.substring(0, colon);
    Optional<Secret> token = text(http, "http", "token").map(Secret::new);
    if (host.isEmpty()) {
      http.complain("listen", "must be host:port such as 127.0.0.1:7070, found '" + value + "'");
      return new MigrationConfig.Listen("127.0.0.1", 0, token);
    }
    if (!LOOPBACK.contains(host) && token.isEmpty()) {
      http.complain(
          "listen",
          "'"
              + value
              + "' is not a loopback address, so http.token must be set, for example"
              + " ${env:SEGUE_TOKEN}");
    }
    return new MigrationConfig.Listen(
        host, number(http, "listen", value.substring(colon + 1), 0, 65535), token);
  }

  private Map<String, String> strings(YamlMap map, String path) {
    Map<String, String> strings = new LinkedHashMap<>();
    for (String key : map.keys()) {
      map.text(key).ifPresent(value -> strings.put(key, expand(map, key, value)));
    }
    overrides.forEach(
        (key, value) -> {
          if (key.startsWith(path + ".")) {
            used.add(key);
            strings.put(key.substring(path.length() + 1), value);
          }
        });
    return strings;
  }

  private String required(YamlMap map, String section, ConfigKey key) {
    String name = key.path().substring(key.path().lastIndexOf('.') + 1);
    Optional<String> text = text(map, section, name);
    return text.isPresent() ? text.get() : map.required(name, key.example());
  }

  private Optional<String> text(YamlMap map, String section, String key) {
    String path = section.isEmpty() ? key : section + "." + key;
    if (overrides.containsKey(path)) {
      used.add(path);
      return Optional.of(expand(map, key, overrides.get(path)));
    }
    return map.text(key).map(value -> expand(map, key, value));
  }

  private String expand(YamlMap map, String key, String value) {
    Matcher matcher = VARIABLE.matcher(value);
    StringBuilder expanded = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(
          expanded, Matcher.quoteReplacement(variable(map, key, matcher.group(1))));
    }
    return matcher.appendTail(expanded).toString();
  }

  private String variable(YamlMap map, String key, String name) {
    if (name.startsWith("env:")) {
      String value = environment.apply(name.substring(4));
      if (value == null) {
        map.complain(
            key,
            "needs environment variable "
                + name.substring(4)
                + ", which is not set; run: export "
                + name.substring(4)
                + "=…");
        return "";
      }
      return value;
    }
    if (name.startsWith("file:")) {
      try {
        return Files.readString(Path.of(name.substring(5))).strip();
      } catch (IOException e) {
        map.complain(key, "names file " + name.substring(5) + ", which cannot be read");
        return "";
      }
    }
    map.complain(key, "has ${" + name + "}; expected ${env:NAME} or ${file:/path}");
    return "";
  }

  private static int number(YamlMap map, String key, String value, int least, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The complaint below says what was expected.
    }
    map.complain(
        key, "must be a whole number from " + least + " to " + most + ", found '" + value + "'");
    return least;
  }

  private static long size(YamlMap map, String key, String value) {
    Matcher matcher = SIZE.matcher(value);
    Map<String, Integer> units = new HashMap<>(Map.of("KB", 10, "MB", 20, "GB", 30));
    if (!matcher.matches() || matcher.group(1).length() > 6) {
      map.complain(key, "must be a size such as 64MB, found '" + value + "'");
      return 1;
    }
    return Long.parseLong(matcher.group(1)) << units.get(matcher.group(2));
  }

  private static Duration duration(YamlMap map, String key, String value, long least) {
    Matcher matcher = DURATION.matcher(value);
    if (matcher.matches() && matcher.group(1).length() <= 6) {
      long number = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
          };
      if (duration.toMillis() >= least && duration.toMinutes() <= 1) {
        return duration;
      }
    }
    map.complain(key, "must be a duration from " + least + "ms to 1m, found '" + value + "'");
    return Duration.ofSeconds(1);
  }
}
