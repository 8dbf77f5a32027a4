package dev.segue.spi;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Vectors that are made anew at a target. Which text each was made of is remembered with it, so an
 * item is waiting as long as its vector is of another text than it has, or of another space.
 */
public interface Embeddings extends MemoryVectors {
  /**
   * Items that are waiting, in the order of their keys.
   *
   * @param behind the last item of the page before
   * @param most so many at most
   */
  List<MemoryItem> waiting(Optional<MemoryItem> behind, int most);

  /** Items of some sessions that are waiting. */
  List<MemoryItem> waitingIn(Collection<String> sessions, int most);

  /**
   * Writes vectors, each unless its item has another text by now.
   *
   * @return how many were written
   */
  int put(List<Embedded> embedded);

  /** Remembers why no vector can be made of an item's text. */
  void refuse(MemoryItem item, String reason);

  /** The sessions, as the canonical model names them, that have items without their vector. */
  Map<String, Waiting> sessionsWaiting();

  /** Those of some sessions that have items without their vector. */
  Map<String, Waiting> sessionsWaiting(Collection<String> sessions);

  /** The session that a spelling means. */
  String sessionIdOf(String spelled);

  /** An item and the vector of its text. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Embedded(MemoryItem item, float[] vector) {}

  /**
   * What a session is waiting for.
   *
   * @param reason why one of them cannot get its vector, or null
   */
  record Waiting(long items, String reason) {
    @Override
    public String toString() {
      return items
          + (items == 1 ? " memory item has" : " memory items have")
          + " no vector of "
          + (items == 1 ? "its text" : "their texts")
          + " yet"
          + (reason == null ? "" : ": " + reason);
    }
  }
}
