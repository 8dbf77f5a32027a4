package dev.segue.embedding;

/**
 * An embedder that comes with its model; found by {@link java.util.ServiceLoader}. An add-on names
 * its implementation in {@code META-INF/services/dev.segue.embedding.EmbedderProvider}.
 */
public interface EmbedderProvider {
  /** What {@code vectors.embedder.name} calls it. */
  String name();

  /** Loads the model. */
  Embedder open();
}
