package dev.segue.sink;

import dev.segue.canonical.CanonicalChange;
import dev.segue.canonical.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The sessions that the sink changed, or is about to change. Each is told before its change is
 * committed, and so before a barrier behind it can be seen to have passed.
 */
public final class AppliedSessions {
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  private final List<Follower> ofMemory = new CopyOnWriteArrayList<>();

  /** Starts to remember them for somebody. */
  public Follower follow() {
    Follower follower = new Follower(followers);
    followers.add(follower);
    return follower;
  }

  /** Likewise only those whose memory items were written to, each after its change is committed. */
  public Follower followMemory() {
    Follower follower = new Follower(ofMemory);
    ofMemory.add(follower);
    return follower;
  }

  /** A session that is changed; null if all may be. */
  void add(String session) {
    followers.forEach(follower -> follower.add(session));
  }

  /** A change that was committed. */
  void committed(CanonicalChange change) {
    if (!ofMemory.isEmpty()
        && change instanceof CanonicalChange.Upsert upsert
        && upsert.entity().kind() == Kind.MEMORY_ITEM) {
      ofMemory.forEach(follower -> follower.add(change.sessionId()));
    }
  }

  /** What was changed since somebody began to ask. */
  public static final class Follower implements AutoCloseable {
    private final List<Follower> among;
    private Set<String> sessions = new HashSet<>();
    private boolean all;

    private Follower(List<Follower> among) {
      this.among = among;
    }

    private synchronized void add(String session) {
      if (session == null) {
        all = true;
      } else {
        sessions.add(session);
      }
    }

    /**
     * What was changed since {@link #follow} or the last call of this.
     *
     * @throws IllegalStateException if a table was emptied meanwhile, so that any may be
     */
    public synchronized Set<String> take() {
      if (all) {
        all = false;
        throw new IllegalStateException("a table of the sessions was truncated");
      }
      Set<String> taken = sessions;
      sessions = new HashSet<>();
      return taken;
    }

    @Override
    public void close() {
      among.remove(this);
    }
  }
}
