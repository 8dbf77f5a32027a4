package dev.segue.config;

import dev.segue.spi.Secret;
import dev.segue.yaml.YamlException;
import dev.segue.yaml.YamlMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Reads {@code migration.yaml}; everything that is wrong with it is said at once, with its line.
 */
public final class ConfigReader {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final ConfigValues values;

  /**
   * @param environment gives an environment variable's value, or null
   * @param overrides values by key path that go before what the file says
   */
  public ConfigReader(UnaryOperator<String> environment, Map<String, String> overrides) {
    this.values = new ConfigValues(environment, overrides);
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
    String name = values.required(root, "", ConfigKey.NAME);
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      root.complain("name", "must match [a-z][a-z0-9-]{0,30}, found '" + name + "'");
    }
    Optional<SystemConfig> source =
        system(root, "source", ConfigKey.SOURCE_LAYOUT, ConfigKey.SOURCE_URL);
    Optional<SystemConfig> target =
        system(root, "target", ConfigKey.TARGET_LAYOUT, ConfigKey.TARGET_URL);
    MigrationConfig.Kafka kafka = kafka(root);
    Path dataDir = Path.of(values.text(root, "", "data-dir").orElse(".segue/" + name));
    MigrationConfig.Snapshot snapshot = snapshot(values.section(root, "snapshot"));
    YamlMap capture = values.section(root, "capture");
    Duration heartbeat =
        values
            .text(capture, "capture", "heartbeat")
            .map(value -> ConfigValues.duration(capture, "heartbeat", value, 100))
            .orElse(Duration.ofSeconds(1));
    YamlMap sink = values.section(root, "sink");
    int members =
        values
            .text(sink, "sink", "members")
            .map(value -> ConfigValues.number(sink, "members", value, 1, 8))
            .orElse(1);
    YamlMap verify = values.section(root, "verify");
    boolean continuous =
        values
            .text(verify, "verify", "continuous")
            .map(value -> ConfigValues.flag(verify, "continuous", value))
            .orElse(false);
    Optional<MigrationConfig.Vectors> vectors = new VectorsReader(values).read(root);
    MigrationConfig.Cutover cutover = cutover(values.section(root, "cutover"));
    if (cutover.rollbackOnDrift() && !continuous) {
      root.complain("cutover.rollback-on-drift", "needs verify.continuous: true");
    }
    MigrationConfig.Listen listen = listen(values.section(root, "http"));
    values.complainOfUnused(root);
    root.finish();
    return new MigrationConfig(
        name,
        source.orElseThrow(),
        target.orElseThrow(),
        kafka,
        dataDir,
        snapshot,
        heartbeat,
        new MigrationConfig.Sink(members),
        continuous,
        vectors,
        cutover,
        listen);
  }

  private MigrationConfig.Snapshot snapshot(YamlMap section) {
    int parallelism =
        values
            .text(section, "snapshot", "parallelism")
            .filter(value -> !value.equals("auto"))
            .map(value -> ConfigValues.number(section, "parallelism", value, 1, 32))
            .orElse(Math.min(8, Runtime.getRuntime().availableProcessors()));
    long chunk =
        values
            .text(section, "snapshot", "chunk")
            .map(value -> ConfigValues.size(section, "chunk", value))
            .orElse(16L << 20);
    MigrationConfig.DeferIndexes deferIndexes =
        values
            .text(section, "snapshot", "defer-indexes")
            .map(
                value ->
                    ConfigValues.choice(
                        section, "defer-indexes", value, MigrationConfig.DeferIndexes.class))
            .orElse(MigrationConfig.DeferIndexes.AUTO);
    return new MigrationConfig.Snapshot(parallelism, chunk, deferIndexes);
  }

  private Optional<SystemConfig> system(
      YamlMap root, String side, ConfigKey layout, ConfigKey urlKey) {
    if (!root.has(side) && !values.overrides(side)) {
      root.complain(side, "is missing; it needs layout and url");
      return Optional.empty();
    }
    YamlMap section = values.section(root, side);
    String name = values.required(section, side, layout);
    String url = values.required(section, side, urlKey);
    Secret password = values.text(section, side, "password").map(Secret::new).orElse(null);
    Map<String, String> tables = values.strings(section.map("tables"), side + ".tables");
    if (url.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(SystemConfig.of(name, url, password, tables));
    } catch (IllegalArgumentException e) {
      section.complain("url", e.getMessage());
      return Optional.empty();
    }
  }

  private MigrationConfig.Kafka kafka(YamlMap root) {
    YamlMap kafka = values.section(root, "kafka");
    Optional<String> bootstrap =
        values.text(kafka, "kafka", "bootstrap").filter(value -> !value.equals("embedded"));
    bootstrap
        .filter(value -> !value.matches("[^:,\\s]+:\\d+(,[^:,\\s]+:\\d+)*"))
        .ifPresent(
            value ->
                kafka.complain(
                    "bootstrap",
                    "must be 'embedded' or host:port,host:port, found '" + value + "'"));
    int partitions =
        values
            .text(kafka, "kafka", "partitions")
            .map(value -> ConfigValues.number(kafka, "partitions", value, 1, 256))
            .orElse(8);
    return new MigrationConfig.Kafka(
        bootstrap, values.strings(kafka.map("properties"), "kafka.properties"), partitions);
  }

  private MigrationConfig.Cutover cutover(YamlMap cutover) {
    YamlMap hooks = cutover.map("hooks").allow(ConfigKey.in("cutover.hooks"));
    Duration maxPause =
        values
            .text(cutover, "cutover", "max-pause")
            .map(value -> ConfigValues.duration(cutover, "max-pause", value, 200))
            .orElse(Duration.ofSeconds(3));
    Optional<Duration> routeGrace =
        values
            .text(cutover, "cutover", "route-grace")
            .map(value -> ConfigValues.duration(cutover, "route-grace", value, 200));
    routeGrace
        .filter(grace -> grace.compareTo(maxPause) >= 0)
        .ifPresent(
            grace ->
                cutover.complain(
                    "route-grace",
                    "must be less than cutover.max-pause ("
                        + maxPause.toMillis()
                        + " ms), for it is part of the pause, found "
                        + grace.toMillis()
                        + " ms"));
    return new MigrationConfig.Cutover(
        maxPause,
        values
            .text(cutover, "cutover", "max-lag")
            .map(value -> ConfigValues.duration(cutover, "max-lag", value, 100))
            .orElse(Duration.ofSeconds(5)),
        values
            .text(cutover, "cutover", "require-parity")
            .map(value -> ConfigValues.flag(cutover, "require-parity", value))
            .orElse(true),
        routeGrace,
        values
            .text(cutover, "cutover", "rollback-on-drift")
            .map(value -> ConfigValues.flag(cutover, "rollback-on-drift", value))
            .orElse(false),
        new MigrationConfig.Hooks(
            values.text(hooks, "cutover.hooks", "before"),
            values.text(hooks, "cutover.hooks", "after"),
            values.text(hooks, "cutover.hooks", "abort")));
  }

  private MigrationConfig.Listen listen(YamlMap http) {
    String value = values.text(http, "http", "listen").orElse("127.0.0.1:0");
    int colon = value.lastIndexOf(':');
    String host = colon < 0 ? "" : value.substring(0, colon);
    Optional<Secret> token = values.text(http, "http", "token").map(Secret::new);
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
        host, ConfigValues.number(http, "listen", value.substring(colon + 1), 0, 65535), token);
  }
}
