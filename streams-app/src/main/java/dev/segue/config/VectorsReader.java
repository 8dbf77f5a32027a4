package dev.segue.config;

import dev.segue.embedding.EmbedderSettings;
import dev.segue.embedding.EmbeddingSpace;
import dev.segue.spi.Secret;
import dev.segue.yaml.YamlMap;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Reads section {@code vectors} of {@code migration.yaml}. */
final class VectorsReader {
  private final ConfigValues values;

  VectorsReader(ConfigValues values) {
    this.values = values;
  }

  /** What it says; empty if there is no such section. */
  Optional<MigrationConfig.Vectors> read(YamlMap root) {
    if (!root.has("vectors") && !values.overrides("vectors")) {
      return Optional.empty();
    }
    YamlMap vectors = values.section(root, "vectors");
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

  private EmbeddingSpace space(
      YamlMap space, String section, ConfigKey modelKey, ConfigKey dimensionKey) {
    String model = values.required(space, section, modelKey);
    String dimension = values.required(space, section, dimensionKey);
    Map<String, EmbeddingSpace.Metric> metrics = new LinkedHashMap<>();
    for (EmbeddingSpace.Metric metric : EmbeddingSpace.Metric.values()) {
      metrics.put(metric.word(), metric);
    }
    String word = values.text(space, section, "metric").orElse("cosine");
    if (!metrics.containsKey(word)) {
      space.complain("metric", "must be one of " + metrics.keySet() + ", found '" + word + "'");
    }
    return new EmbeddingSpace(
        values.text(space, section, "provider").orElse(""),
        model,
        values.text(space, section, "revision").orElse(""),
        dimension.isEmpty() ? 1 : ConfigValues.number(space, "dimension", dimension, 1, 100_000),
        metrics.getOrDefault(word, EmbeddingSpace.Metric.COSINE));
  }

  private Optional<EmbedderSettings> embedder(YamlMap vectors) {
    String section = "vectors.embedder";
    YamlMap embedder = vectors.map("embedder").allow(ConfigKey.in(section));
    Optional<String> name = values.text(embedder, section, "name");
    Optional<URI> url = values.text(embedder, section, "url").flatMap(text -> uri(embedder, text));
    Optional<Secret> key = values.text(embedder, section, "key").map(Secret::new);
    int batch =
        values
            .text(embedder, section, "batch")
            .map(value -> ConfigValues.number(embedder, "batch", value, 1, 2048))
            .orElse(64);
    OptionalInt perMinute =
        values
            .text(embedder, section, "requests-per-minute")
            .map(
                value ->
                    OptionalInt.of(
                        ConfigValues.number(embedder, "requests-per-minute", value, 1, 100_000)))
            .orElse(OptionalInt.empty());
    OptionalDouble price =
        values
            .text(embedder, section, "price")
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
}
