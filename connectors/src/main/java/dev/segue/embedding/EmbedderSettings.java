package dev.segue.embedding;

import dev.segue.spi.Secret;
import dev.segue.spi.SystemFault;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.ServiceLoader;

/**
 * Which embedder to use, and how.
 *
 * @param name of one that comes with its model; empty for one behind a URL
 * @param url to which {@code /embeddings} is added
 * @param key what a request brings as {@code Authorization: Bearer …}
 * @param batch texts in one request
 * @param requestsPerMinute at most; empty for as many as it takes
 * @param price of a million tokens, in whatever currency the user counts
 */
public record EmbedderSettings(
    Optional<String> name,
    Optional<URI> url,
    Optional<Secret> key,
    int batch,
    OptionalInt requestsPerMinute,
    OptionalDouble price) {
  public EmbedderSettings {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(requestsPerMinute, "requestsPerMinute");
    Objects.requireNonNull(price, "price");
    if (name.isPresent() == url.isPresent()) {
      throw new IllegalArgumentException("an embedder has either a name or a URL");
    }
  }

  /** Makes ready whatever makes vectors of that space. */
  public Embedder open(EmbeddingSpace space) {
    if (url.isPresent()) {
      return new HttpEmbedder(this, space);
    }
    List<EmbedderProvider> known =
        ServiceLoader.load(EmbedderProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    return known.stream()
        .filter(provider -> provider.name().equals(name.orElseThrow()))
        .findFirst()
        .orElseThrow(
            () ->
                SystemFault.permanent(
                    "embedder '" + name.orElseThrow() + "' is not installed",
                    known.isEmpty()
                        ? "build the add-on: mvn -Dquick -DskipTests -Pminilm package; or set"
                            + " vectors.embedder.url"
                        : "known are "
                            + known.stream().map(EmbedderProvider::name).toList()
                            + "; or set vectors.embedder.url"))
        .open();
  }
}
