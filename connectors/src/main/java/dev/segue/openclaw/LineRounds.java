package dev.segue.openclaw;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Looks at all lines of all sessions, a few sessions at a time. */
final class LineRounds {
  private static final long MOST_NANOS = 50_000_000;

  /** Looking takes a tenth of the time at most. */
  private static final int RESTS = 9;

  private final Map<String, ByteBuffer> found = new ConcurrentHashMap<>();
  private final Deque<String> left = new ArrayDeque<>();
  private AgentDatabase.Version begun;
  private long due = System.nanoTime();

  /** What the lines of each session said when they were last read, by whomever. */
  Map<String, ByteBuffer> found() {
    return found;
  }

  /**
   * Goes on, or begins anew if somebody has written since the last round began.
   *
   * @param sessions that there are
   */
  void look(AgentDatabase database, AgentDatabase.Version now, Set<String> sessions)
      throws IOException {
    if (left.isEmpty() && !now.equals(begun)) {
      left.addAll(sessions);
      begun = now;
    }
    long began = System.nanoTime();
    if (left.isEmpty() || began < due) {
      return;
    }
    while (!left.isEmpty() && System.nanoTime() - began < MOST_NANOS) {
      String session = left.remove();
      // Put while nobody else reads, whose lines would be newer.
      database.read(rows -> found.put(session, rows.lines(session)));
    }
    long ended = System.nanoTime();
    due = ended + RESTS * (ended - began);
  }
}
