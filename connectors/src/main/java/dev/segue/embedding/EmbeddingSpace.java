package dev.segue.embedding;

import java.util.Objects;

/**
 * Which vectors can be compared with each other.
 *
 * @param provider who runs the model, such as {@code openai}; empty if that does not matter
 * @param model as its provider calls it
 * @param revision empty if the model has none
 * @param dimension how many numbers a vector has
 * @param metric how near two of them are
 */
public record EmbeddingSpace(
    String provider, String model, String revision, int dimension, Metric metric) {
  public EmbeddingSpace {
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(revision, "revision");
    Objects.requireNonNull(metric, "metric");
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension " + dimension);
    }
  }

  /** How near two vectors are to each other. */
  public enum Metric {
    COSINE,
    INNER_PRODUCT,
    EUCLIDEAN;

    /** What the user calls it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** More is nearer. */
    public double nearness(float[] a, float[] b) {
      double product = 0;
      double ofA = 0;
      double ofB = 0;
      double distance = 0;
      for (int i = 0; i < a.length; i++) {
        product += (double) a[i] * b[i];
        ofA += (double) a[i] * a[i];
        ofB += (double) b[i] * b[i];
        distance += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      }
      return switch (this) {
        case COSINE -> product / Math.sqrt(ofA * ofB);
        case INNER_PRODUCT -> product;
        case EUCLIDEAN -> -distance;
      };
    }
  }

  /** Whether vectors of the other space may stand in this one; how they are compared is no part. */
  public boolean holds(EmbeddingSpace other) {
    return label().equals(other.label());
  }

  /** The space in one word: what changes with the vectors, and with nothing else. */
  public String label() {
    return (provider.isEmpty() ? "" : provider + "/")
        + model
        + (revision.isEmpty() ? "" : "@" + revision)
        + ":"
        + dimension;
  }

  @Override
  public String toString() {
    return label();
  }
}
