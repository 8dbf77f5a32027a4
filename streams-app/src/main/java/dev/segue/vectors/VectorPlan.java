package dev.segue.vectors;

import dev.segue.config.MigrationConfig;
import dev.segue.embedding.Embedder;
import dev.segue.embedding.EmbedderSettings;
import dev.segue.finding.Finding;
import dev.segue.spi.MemoryVectors;
import dev.segue.spi.SystemFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What making vectors anew is going to take, and whether the embedder works. */
public final class VectorPlan {
  private static final String SUBJECT = "vectors";

  /** English text has about so many characters to a token. */
  private static final int CHARACTERS_OF_A_TOKEN = 4;

  private static final int PROBES = 8;

  private VectorPlan() {}

  /**
   * Asks the embedder for the vectors of a few words, which shows that it works and how long it
   * takes.
   *
   * @param volume of the source's texts; empty if it cannot tell
   */
  public static List<Finding> of(
      MigrationConfig.Vectors vectors, Optional<MemoryVectors.Volume> volume)
      throws InterruptedException {
    EmbedderSettings settings = vectors.embedder().orElseThrow();
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.change(
            SUBJECT,
            vectors.source()
                + " is not "
                + vectors.target()
                + ": the target's vectors are made anew from the texts. The source's stay where they"
                + " are; what the target's application writes is not made anew for the source"));
    try (Embedder embedder = settings.open(vectors.target())) {
      Duration batch = probe(embedder, vectors.target().dimension());
      volume.ifPresent(texts -> findings.addAll(estimate(texts, settings, batch, embedder)));
    } catch (SystemFault e) {
      findings.add(Finding.error(SUBJECT, e.getMessage(), e.remedy()));
    }
    return findings;
  }

  private static Duration probe(Embedder embedder, int dimension) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Math.min(PROBES, embedder.batch()); i++) {
      texts.add("segue plan asks for the vector of sentence " + i);
    }
    long from = System.nanoTime();
    int found = embedder.embed(texts).get(0).length;
    if (found != dimension) {
      throw SystemFault.permanent(
          embedder.describe()
              + " makes vectors of "
              + found
              + " numbers; vectors.target.dimension is "
              + dimension,
          "correct vectors.target.dimension");
    }
    return Duration.ofNanos((System.nanoTime() - from) / texts.size() * embedder.batch());
  }

  private static List<Finding> estimate(
      MemoryVectors.Volume texts, EmbedderSettings settings, Duration batch, Embedder embedder) {
    List<Finding> findings = new ArrayList<>();
    long items = texts.items() - texts.withoutText();
    long requests = (items + embedder.batch() - 1) / embedder.batch();
    Duration time = batch.multipliedBy(requests);
    if (settings.requestsPerMinute().isPresent()) {
      Duration least =
          Duration.ofMinutes(1)
              .multipliedBy(requests)
              .dividedBy(settings.requestsPerMinute().getAsInt());
      time = time.compareTo(least) < 0 ? least : time;
    }
    long tokens = texts.characters() / CHARACTERS_OF_A_TOKEN;
    String cost =
        settings.price().isPresent()
            ? String.format(
                Locale.ROOT, ", cost about %.2f", tokens / 1e6 * settings.price().getAsDouble())
            : "";
    findings.add(
        Finding.warning(
            SUBJECT,
            String.format(
                Locale.ROOT,
                "%,d texts, about %,d tokens, in %,d requests: at least %s by %s%s",
                items,
                tokens,
                requests,
                words(time),
                embedder.describe(),
                cost),
            ""));
    if (texts.withoutText() > 0) {
      findings.add(
          Finding.warning(
              SUBJECT,
              String.format(
                  Locale.ROOT,
                  "%,d memory items have no text to make a vector of; their sessions cannot be cut"
                      + " over",
                  texts.withoutText()),
              "give them a text on the source, or delete them there"));
    }
    return findings;
  }

  private static String words(Duration time) {
    long seconds = Math.max(1, time.toSeconds());
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }
}
