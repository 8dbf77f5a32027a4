package dev.segue.sink;

import java.util.HashSet;
import java.util.Set;

/**
 * The sessions that the sink changed, or is about to change, since somebody began to ask. Each is
 * here before its change is committed, and so before a barrier behind it can be seen to have
 * passed.
 */
public final class AppliedSessions {
  private Set<String> sessions;
  private boolean all;

  /** Starts to remember. */
  public synchronized void begin() {
    sessions = new HashSet<>();
    all = false;
  }

  /** Stops, and forgets. */
  public synchronized void end() {
    sessions = null;
  }

  /**
   * What was changed since {@link #begin} or the last call of this.
   *
   * @throws IllegalStateException if a table was emptied meanwhile, so that any may be
   */
  public synchronized Set<String> take() {
    if (all) {
      throw new IllegalStateException("a table of the sessions was truncated");
    }
    Set<String> taken = sessions;
    sessions = new HashSet<>();
    return taken;
  }

  /** A session that was changed; null if all may be. */
  synchronized void add(String session) {
    if (sessions != null) {
      if (session == null) {
        all = true;
      } else {
        sessions.add(session);
      }
    }
  }
}
