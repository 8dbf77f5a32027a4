package dev.segue.minilm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.embedding.Embedder;
import dev.segue.embedding.EmbedderProvider;
import dev.segue.embedding.EmbeddingSpace.Metric;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class MiniLmTest {
  @Test
  void textsOfTheSameMeaningAreNear() throws InterruptedException {
    EmbedderProvider provider =
        ServiceLoader.load(EmbedderProvider.class).findFirst().orElseThrow();
    assertThat(provider.name()).isEqualTo("minilm");
    try (Embedder embedder = provider.open()) {
      List<float[]> vectors =
          embedder.embed(
              List.of("She lives in Oslo.", "Her home is in Oslo.", "No peanuts, please.", ""));
      assertThat(vectors).hasSize(4).allMatch(vector -> vector.length == 384);
      assertThat(Metric.COSINE.nearness(vectors.get(0), vectors.get(1)))
          .isGreaterThan(0.7)
          .isGreaterThan(Metric.COSINE.nearness(vectors.get(0), vectors.get(2)) + 0.3);
    }
  }
}
