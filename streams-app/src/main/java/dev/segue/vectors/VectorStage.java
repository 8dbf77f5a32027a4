package dev.segue.vectors;

import dev.segue.embedding.Embedder;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.sink.AppliedSessions;
import dev.segue.spi.Embeddings;
import dev.segue.spi.MemoryItem;
import dev.segue.spi.SystemFault;
import dev.segue.status.StatusBoard;
import dev.segue.supervision.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Makes the vectors of texts that have none: once over all of them, then of sessions whose memory
 * the sink has written to. What was made is remembered by the target, so a start after a kill makes
 * at most one batch a second time.
 */
public final class VectorStage implements Stage {
  private static final long PAUSE_MILLIS = 200;

  /** Not every text comes through the sink: sessions are also written anew as a whole. */
  private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(30);

  private static final int PAGE = 2000;
  private static final int SESSIONS_TOGETHER = 500;

  private final Supplier<Embedder> embedders;
  private final Embeddings embeddings;
  private final Supplier<Owners> owners;
  private final AppliedSessions applied;
  private final StatusBoard board;
  private volatile boolean stopped;

  /**
   * @param owners who owns what, as of now: a session of the target has its vectors from the
   *     application
   */
  public VectorStage(
      Supplier<Embedder> embedders,
      Embeddings embeddings,
      Supplier<Owners> owners,
      AppliedSessions applied,
      StatusBoard board) {
    this.embedders = embedders;
    this.embeddings = embeddings;
    this.owners = owners;
    this.applied = applied;
    this.board = board;
  }

  @Override
  public String name() {
    return "vectors";
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void run() throws InterruptedException {
    try (AppliedSessions.Follower follower = applied.followMemory();
        Embedder embedder = embedders.get()) {
      long swept = 0;
      while (!stopped) {
        Optional<Set<String>> touched = take(follower);
        if (touched.isEmpty() || swept == 0 || since(swept) > BETWEEN_SWEEPS.toNanos()) {
          sweep(embedder);
          swept = System.nanoTime();
        } else if (touched.get().isEmpty()) {
          Thread.sleep(PAUSE_MILLIS);
        } else {
          embedThoseOf(touched.get(), embedder);
        }
      }
    } catch (SystemFault e) {
      // Rows go on arriving, whatever is the matter with the embedder.
      throw e.nature() == SystemFault.Nature.PERMANENT
          ? SystemFault.passing(e.getMessage() + "; " + e.remedy(), e)
          : e;
    }
  }

  private static long since(long nanos) {
    return System.nanoTime() - nanos;
  }

  /** Empty if any session may have been written to. */
  private static Optional<Set<String>> take(AppliedSessions.Follower follower) {
    try {
      return Optional.of(follower.take());
    } catch (IllegalStateException e) {
      return Optional.empty();
    }
  }

  private void sweep(Embedder embedder) throws InterruptedException {
    Owners now = owners.get();
    // Then all vectors are the application's.
    long waiting = now.isAllAt(Owner.TARGET) ? 0 : waiting(now);
    board.vectors(embeddings.volume().items(), waiting);
    Optional<MemoryItem> last = Optional.empty();
    List<MemoryItem> page = waiting == 0 ? List.of() : embeddings.waiting(last, PAGE);
    while (!stopped && !page.isEmpty()) {
      embed(page, embedder);
      last = Optional.of(page.get(page.size() - 1));
      page = embeddings.waiting(last, PAGE);
    }
  }

  private long waiting(Owners now) {
    return embeddings.sessionsWaiting().entrySet().stream()
        .filter(session -> now.ownerOf(session.getKey()) == Owner.SOURCE)
        .mapToLong(session -> session.getValue().items())
        .sum();
  }

  private void embedThoseOf(Set<String> sessions, Embedder embedder) throws InterruptedException {
    List<String> all = List.copyOf(sessions);
    for (int from = 0; !stopped && from < all.size(); from += SESSIONS_TOGETHER) {
      List<String> some = all.subList(from, Math.min(all.size(), from + SESSIONS_TOGETHER));
      List<MemoryItem> items = embeddings.waitingIn(some, PAGE);
      board.vectorsWaiting(items.size());
      embed(items, embedder);
      if (items.size() == PAGE) {
        // The rest of them; what was refused would come again, so the sweep looks after it.
        embed(embeddings.waitingIn(some, PAGE), embedder);
      }
    }
  }

  private void embed(List<MemoryItem> items, Embedder embedder) throws InterruptedException {
    Owners now = owners.get();
    List<MemoryItem> ours =
        items.stream()
            .filter(item -> now.ownerOf(embeddings.sessionIdOf(item.session())) == Owner.SOURCE)
            .toList();
    int most = embedder.batch();
    for (int from = 0; !stopped && from < ours.size(); from += most) {
      embedTogether(ours.subList(from, Math.min(ours.size(), from + most)), embedder);
    }
  }

  /** One request's worth; a text that the embedder does not take is found by halving. */
  private void embedTogether(List<MemoryItem> batch, Embedder embedder)
      throws InterruptedException {
    try {
      board.vectorsMade(embeddings.put(made(batch, embedder)));
    } catch (SystemFault e) {
      if (e.nature() != SystemFault.Nature.DATA) {
        throw e;
      }
      if (batch.size() == 1) {
        embeddings.refuse(batch.get(0), e.getMessage());
      } else {
        int half = batch.size() / 2;
        embedTogether(batch.subList(0, half), embedder);
        embedTogether(batch.subList(half, batch.size()), embedder);
      }
    }
  }

  /** The same text twice is one text for the embedder. */
  private static List<Embeddings.Embedded> made(List<MemoryItem> batch, Embedder embedder)
      throws InterruptedException {
    List<String> texts =
        new ArrayList<>(new HashSet<>(batch.stream().map(MemoryItem::text).toList()));
    List<float[]> vectors = embedder.embed(texts);
    Map<String, float[]> byText = new HashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      byText.put(texts.get(i), vectors.get(i));
    }
    return batch.stream()
        .map(item -> new Embeddings.Embedded(item, byText.get(item.text())))
        .toList();
  }
}
