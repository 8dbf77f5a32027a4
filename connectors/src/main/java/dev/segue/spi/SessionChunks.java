package dev.segue.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The history of a system that is read session by session, in pieces: each is every so-manieth
 * session by the hash of its id, so that a session that comes or goes moves no other.
 */
public final class SessionChunks {
  private static final String NAME = "sessions";

  private final List<String> sessions;
  private final int together;
  private final Map<Long, Map<Long, List<String>>> divided = new HashMap<>();

  /**
   * @param together about how many sessions a piece has
   */
  public SessionChunks(Collection<String> sessions, int together) {
    this.sessions = List.copyOf(sessions);
    this.together = together;
  }

  /** The pieces. */
  public List<Chunk> all() {
    long count = Math.max(1, (sessions.size() + together - 1) / together);
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chunks.add(new Chunk(i, NAME, NAME, i, count, 1));
    }
    return chunks;
  }

  /** How many sessions there are. */
  public List<TableProgress> estimates() {
    return List.of(new TableProgress(NAME, 0, sessions.size(), 0, sessions.size()));
  }

  /** The sessions of a piece, which may have been made when there were others. */
  public synchronized List<String> of(Chunk chunk) {
    return divided
        .computeIfAbsent(
            chunk.to(),
            count ->
                sessions.stream()
                    .collect(
                        Collectors.groupingBy(
                            session -> (long) Math.floorMod(session.hashCode(), count.intValue()))))
        .getOrDefault(chunk.from(), List.of());
  }
}
