package dev.segue.ownership;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who owns which session, as of one moment.
 *
 * @param slots the owner of each slot
 * @param reads where sessions of each slot may be read
 * @param named sessions that do not go with their slot
 * @param moving slots that are changing hands right now
 * @param movingNamed sessions that are, by themselves
 */
public record Owners(
    List<Owner> slots,
    List<Owner> reads,
    Map<String, Owner> named,
    Set<Integer> moving,
    Set<String> movingNamed) {
  public Owners {
    slots = List.copyOf(slots);
    reads = List.copyOf(reads);
    named = Map.copyOf(named);
    moving = Set.copyOf(moving);
    movingNamed = Set.copyOf(movingNamed);
  }

  /** Before anything was moved. */
  public static Owners allAtSource() {
    List<Owner> all = java.util.Collections.nCopies(HashSlot.COUNT, Owner.SOURCE);
    return new Owners(all, all, Map.of(), Set.of(), Set.of());
  }

  public Owner ownerOf(String sessionId) {
    Owner alone = named.get(sessionId);
    return alone == null ? slots.get(HashSlot.of(sessionId)) : alone;
  }

  /** Where a session may be read: with its owner, or where reads were moved ahead of it. */
  public Owner readsOf(String sessionId) {
    Owner owner = ownerOf(sessionId);
    return owner == Owner.TARGET ? owner : reads.get(HashSlot.of(sessionId));
  }

  public boolean isMoving(String sessionId) {
    return movingNamed.contains(sessionId)
        || (!named.containsKey(sessionId) && moving.contains(HashSlot.of(sessionId)));
  }

  /** The slots that one side owns. */
  public Set<Integer> slotsOf(Owner owner) {
    Set<Integer> all = new TreeSet<>();
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.get(slot) == owner) {
        all.add(slot);
      }
    }
    return all;
  }

  /** The slots of all sessions that are somewhere else than before, or changing hands or not. */
  public Set<Integer> slotsOtherThan(Owners before) {
    Set<Integer> all = new TreeSet<>();
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.get(slot) != before.slots.get(slot)
          || reads.get(slot) != before.reads.get(slot)
          || moving.contains(slot) != before.moving.contains(slot)) {
        all.add(slot);
      }
    }
    Stream.of(named.keySet(), before.named.keySet(), movingNamed, before.movingNamed)
        .flatMap(Set::stream)
        .filter(
            session ->
                named.get(session) != before.named.get(session)
                    || movingNamed.contains(session) != before.movingNamed.contains(session))
        .forEach(session -> all.add(HashSlot.of(session)));
    return all;
  }

  /** How much of the slots one side owns, in percent, to a tenth. */
  public double percentOf(Owner owner) {
    return Math.round(1000.0 * slotsOf(owner).size() / HashSlot.COUNT) / 10.0;
  }

  /** Sessions named one by one that one side owns. */
  public Set<String> namedOf(Owner owner) {
    Set<String> all = new TreeSet<>();
    named.forEach(
        (session, by) -> {
          if (by == owner) {
            all.add(session);
          }
        });
    return all;
  }

  /** Whether a slice is one side's, and nothing of it is changing hands. */
  public boolean isGiven(Slice slice, Owner owner) {
    return slice.slots().stream().allMatch(slot -> slots.get(slot) == owner)
        && slice.slots().stream().noneMatch(moving::contains)
        && slice.sessions().stream().allMatch(session -> ownerOf(session) == owner)
        && slice.except().stream().allMatch(session -> ownerOf(session) == owner.other())
        && slice.sessions().stream().noneMatch(this::isMoving)
        && slice.except().stream().noneMatch(this::isMoving);
  }

  /** Whether one side owns everything. */
  public boolean isAllAt(Owner owner) {
    return slotsOf(owner.other()).isEmpty() && namedOf(owner.other()).isEmpty();
  }
}
