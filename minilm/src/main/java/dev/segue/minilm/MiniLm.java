package dev.segue.minilm;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.segue.embedding.Embedder;
import dev.segue.embedding.EmbedderProvider;
import java.util.List;

/**
 * all-MiniLM-L6-v2, quantized: 384 dimensions, compared by cosine. Texts beyond 510 word pieces are
 * embedded by parts, whose mean is taken.
 */
public final class MiniLm implements EmbedderProvider {
  @Override
  public String name() {
    return "minilm";
  }

  @Override
  public Embedder open() {
    return new Loaded(new AllMiniLmL6V2QuantizedEmbeddingModel());
  }

  private record Loaded(EmbeddingModel model) implements Embedder {
    private static final int BATCH = 32;

    @Override
    public String describe() {
      return "embedder minilm";
    }

    @Override
    public int batch() {
      return BATCH;
    }

    @Override
    public List<float[]> embed(List<String> texts) {
      // An empty text is a text all the same, and the model takes none.
      List<TextSegment> segments =
          texts.stream().map(text -> TextSegment.from(text.isBlank() ? "." : text)).toList();
      return model.embedAll(segments).content().stream().map(Embedding::vector).toList();
    }

    @Override
    public void close() {
      // The model lives as long as the process.
    }
  }
}
