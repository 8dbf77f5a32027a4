package dev.segue.ownership;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sessions that are moved together.
 *
 * @param slots all sessions of these hash slots, those that do not exist yet included
 * @param sessions sessions named one by one
 * @param except sessions of the slots that stay where they are
 */
public record Slice(Set<Integer> slots, Set<String> sessions, Set<String> except) {
  public Slice {
    slots = Collections.unmodifiableSet(new TreeSet<>(slots));
    sessions = Collections.unmodifiableSet(new LinkedHashSet<>(sessions));
    except = Collections.unmodifiableSet(new LinkedHashSet<>(except));
  }

  public boolean contains(String sessionId) {
    return sessions.contains(sessionId)
        || (slots.contains(HashSlot.of(sessionId)) && !except.contains(sessionId));
  }

  /** The same slice, of which one more session stays where it is. */
  public Slice without(String session) {
    Set<String> more = new LinkedHashSet<>(except);
    more.add(session);
    return new Slice(slots, sessions, more);
  }

  public boolean isEmpty() {
    return slots.isEmpty() && sessions.isEmpty();
  }

  /** The slots whose rows have to be locked: those of sessions named one by one too. */
  public List<Integer> touchedSlots() {
    Set<Integer> all = new TreeSet<>(slots);
    sessions.forEach(session -> all.add(HashSlot.of(session)));
    return List.copyOf(all);
  }

  @Override
  public String toString() {
    String named = sessions.size() + (sessions.size() == 1 ? " session" : " sessions");
    String whole = slots.size() + (slots.size() == 1 ? " hash slot" : " hash slots");
    return slots.isEmpty() ? named : sessions.isEmpty() ? whole : whole + " and " + named;
  }
}
