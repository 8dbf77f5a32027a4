package dev.segue.vectors;

import dev.segue.embedding.EmbeddingSpace.Metric;
import dev.segue.spi.MemoryVectors;
import dev.segue.spi.MemoryVectors.ItemKey;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a search finds with the new vectors what it found with the old ones: of the ten items
 * that were nearest to an item, how many are among its ten nearest now. Both searches are exact,
 * and over the same sample of items.
 */
public final class Recall {
  private static final int SAMPLE = 2000;
  private static final int QUERIES = 100;
  private static final int NEAREST = 10;

  private final Map<ItemKey, float[]> old;
  private final Map<ItemKey, float[]> made;

  private Recall(Map<ItemKey, float[]> old, Map<ItemKey, float[]> made) {
    this.old = old;
    this.made = made;
  }

  /** Reads a sample of the items that have both vectors. */
  public static Recall of(MemoryVectors old, MemoryVectors made) {
    Map<ItemKey, float[]> before = old.read(old.sample(SAMPLE));
    Map<ItemKey, float[]> after = made.read(before.keySet());
    before.keySet().retainAll(after.keySet());
    return new Recall(before, after);
  }

  /** How many items were compared with each other. */
  public int sampled() {
    return old.size();
  }

  /** From 0 to 1; empty if there are too few items for ten to be a choice. */
  public OptionalDouble atTen(Metric ofOld, Metric ofMade) {
    if (old.size() <= 2 * NEAREST) {
      return OptionalDouble.empty();
    }
    return old.keySet().stream()
        .sorted(Comparator.comparing(ItemKey::item).thenComparing(ItemKey::session))
        .limit(QUERIES)
        .mapToDouble(
            query -> {
              Set<ItemKey> found = Set.copyOf(nearest(query, old, ofOld));
              return nearest(query, made, ofMade).stream().filter(found::contains).count()
                  / (double) NEAREST;
            })
        .average();
  }

  private static List<ItemKey> nearest(
      ItemKey query, Map<ItemKey, float[]> vectors, Metric metric) {
    float[] from = vectors.get(query);
    Map<ItemKey, Double> nearness =
        vectors.entrySet().stream()
            .filter(item -> !item.getKey().equals(query))
            .filter(item -> item.getValue().length == from.length)
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, item -> metric.nearness(from, item.getValue())));
    return nearness.entrySet().stream()
        .sorted(Map.Entry.<ItemKey, Double>comparingByValue().reversed())
        .limit(NEAREST)
        .map(Map.Entry::getKey)
        .toList();
  }
}
