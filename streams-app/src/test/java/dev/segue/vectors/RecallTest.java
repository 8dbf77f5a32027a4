package dev.segue.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.embedding.EmbeddingSpace.Metric;
import dev.segue.spi.MemoryVectors;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RecallTest {
  /** Items in memory. */
  private record Some(Map<ItemKey, float[]> vectors) implements MemoryVectors {
    @Override
    public Volume volume() {
      return new Volume(vectors.size(), 0, 0);
    }

    @Override
    public List<ItemKey> sample(int most) {
      return vectors.keySet().stream().limit(most).toList();
    }

    @Override
    public Map<ItemKey, float[]> read(Collection<ItemKey> items) {
      Map<ItemKey, float[]> read = new HashMap<>(vectors);
      read.keySet().retainAll(items);
      return read;
    }

    Some with(UnaryOperator<float[]> change) {
      Map<ItemKey, float[]> changed = new HashMap<>();
      vectors.forEach((key, vector) -> changed.put(key, change.apply(vector)));
      return new Some(changed);
    }
  }

  private static Some random(int items, long seed) {
    Random random = new Random(seed);
    Map<MemoryVectors.ItemKey, float[]> vectors = new HashMap<>();
    for (int i = 0; i < items; i++) {
      float[] vector = new float[8];
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) random.nextGaussian();
      }
      vectors.put(new MemoryVectors.ItemKey("s" + i % 7, "m" + i), vector);
    }
    return new Some(vectors);
  }

  @Test
  void vectorsThatOnlyTurnedFindTheSame() {
    Some old = random(300, 1);
    Some turned = old.with(v -> new float[] {-v[1], v[0], v[2], v[3], v[4], v[5], v[6], v[7]});
    assertThat(Recall.of(old, turned).atTen(Metric.COSINE, Metric.COSINE)).hasValue(1.0);
    assertThat(Recall.of(old, turned.with(v -> times(3, v))).atTen(Metric.COSINE, Metric.COSINE))
        .hasValue(1.0);
  }

  private static float[] times(float factor, float[] vector) {
    float[] product = vector.clone();
    for (int i = 0; i < product.length; i++) {
      product[i] *= factor;
    }
    return product;
  }

  @Test
  void vectorsOfOtherThingsFindHardlyAnythingOfIt() {
    Recall recall = Recall.of(random(500, 1), random(500, 2));
    assertThat(recall.sampled()).isEqualTo(500);
    assertThat(recall.atTen(Metric.COSINE, Metric.EUCLIDEAN).orElseThrow()).isLessThan(0.1);
  }

  @Test
  void itemsWithoutBothVectorsDoNotCount() {
    Some old = random(100, 1);
    Some fewer = random(30, 1);
    assertThat(Recall.of(old, fewer).sampled()).isEqualTo(30);
    assertThat(Recall.of(old, random(15, 1)).atTen(Metric.COSINE, Metric.COSINE)).isEmpty();
  }
}
