package dev.segue.cutover;

import dev.segue.ownership.HashSlot;
import dev.segue.ownership.Owner;
import dev.segue.ownership.Owners;
import dev.segue.ownership.Slice;
import dev.segue.spi.Ledger;
import dev.segue.spi.SessionQuery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Cuts what an operator selected into slices that are moved one after the other. */
final class Slices {
  /** A slice has about so many sessions at most, so that it is looked through in seconds. */
  private static final int MOST_SESSIONS = 4000;

  private static final int MOST_NAMED = 2000;

  /** So many of them are written to in a moment: nobody's writers wait until many are compared. */
  private static final int MOST_BUSY = 10;

  private final Way way;
  private final Owners owners;
  private final Busy busy;
  private final Map<String, String> kept = new HashMap<>();

  /**
   * What is to be moved, in this order, and what is not.
   *
   * @param slices none if everything is where it is to be
   * @param sessions how many that exist
   * @param kept sessions that stay where they are, and why
   */
  record Cut(List<Slice> slices, int sessions, Map<String, String> kept) {
    Cut {
      slices = List.copyOf(slices);
      kept = Map.copyOf(kept);
    }
  }

  /**
   * @param except sessions that stay where they are, and why
   * @param busy who is written to
   */
  Slices(Way way, Owners owners, Map<String, String> except, Busy busy) {
    this.way = way;
    this.owners = owners;
    this.busy = busy;
    kept.putAll(except);
  }

  /** What a slice has so far. */
  private final class Load {
    private final int most;
    private int sessions;
    private double writtenTo;

    Load(int most) {
      this.most = most;
    }

    /** Whether these are too many to come on top. */
    boolean isExceededBy(Collection<String> more) {
      return sessions > 0
          && (sessions + more.size() > most || writtenTo + busy.among(more) > MOST_BUSY);
    }

    void add(Collection<String> more) {
      sessions += more.size();
      writtenTo += busy.among(more);
    }
  }

  Cut cut(Selection selection) {
    Stream.of(way.terms(), way.other())
        .flatMap(terms -> terms.ledger().parked().stream())
        .forEach(this::keepParked);
    Owner loser = way.to().other();
    if (selection.share().isPresent()) {
      return slots(chosen(selection.share().get(), loser), Set.of());
    }
    if (Boolean.TRUE.equals(selection.all())) {
      return slots(owners.slotsOf(loser), owners.namedOf(loser));
    }
    List<String> found =
        selection
            .condition()
            .map(
                where ->
                    way.terms().source().find(new SessionQuery.Where(where.field(), where.value())))
            .or(() -> selection.idle().map(time -> find(new SessionQuery.IdleFor(time))))
            .orElseGet(selection::sessions);
    return named(found);
  }

  private List<String> find(SessionQuery query) {
    return way.terms().source().find(query);
  }

  private void keepParked(Ledger.Parked parked) {
    kept.put(parked.sessionId(), "is parked: " + parked.reason());
  }

  /** The first slots that are still to be moved for the gaining side to have its share. */
  private Set<Integer> chosen(double share, Owner loser) {
    int wanted = (int) Math.ceil(share * HashSlot.COUNT);
    int missing = wanted - owners.slotsOf(way.to()).size();
    Set<Integer> chosen = new TreeSet<>();
    owners.slotsOf(loser).stream().limit(Math.max(0, missing)).forEach(chosen::add);
    return chosen;
  }

  private Cut slots(Set<Integer> slots, Collection<String> also) {
    Map<Integer, Set<String>> bySlot = new HashMap<>();
    for (String session : slots.isEmpty() ? List.<String>of() : existing(slots)) {
      Owner alone = owners.named().get(session);
      if (alone == null || alone != way.to()) {
        bySlot.computeIfAbsent(HashSlot.of(session), unused -> new TreeSet<>()).add(session);
      }
    }
    List<Slice> slices = new ArrayList<>();
    Set<Integer> some = new TreeSet<>();
    Set<String> except = new HashSet<>();
    Load load = new Load(MOST_SESSIONS);
    int all = 0;
    for (int slot : slots) {
      Set<String> sessions = bySlot.getOrDefault(slot, Set.of());
      if (load.isExceededBy(sessions)) {
        slices.add(new Slice(some, Set.of(), except));
        some = new TreeSet<>();
        except = new HashSet<>();
        load = new Load(MOST_SESSIONS);
      }
      some.add(slot);
      for (String session : sessions) {
        if (stays(session)) {
          except.add(session);
        }
      }
      load.add(sessions);
      all += sessions.size();
    }
    for (String parked : kept.keySet()) {
      // Parked before it was there, such as one whose session cannot be written.
      if (slots.contains(HashSlot.of(parked))) {
        int slot = HashSlot.of(parked);
        if (some.contains(slot)) {
          except.add(parked);
        } else {
          slices.replaceAll(slice -> slice.slots().contains(slot) ? slice.without(parked) : slice);
        }
      }
    }
    if (!some.isEmpty()) {
      slices.add(new Slice(some, Set.of(), except));
    }
    Cut named = named(List.copyOf(also));
    slices.addAll(named.slices());
    return new Cut(slices, all + named.sessions(), keptOf(slots, also));
  }

  private Map<String, String> keptOf(Set<Integer> slots, Collection<String> also) {
    Map<String, String> some = new HashMap<>(kept);
    some.keySet().removeIf(s -> !also.contains(s) && !slots.contains(HashSlot.of(s)));
    return some;
  }

  private Set<String> existing(Set<Integer> slots) {
    Set<String> all = new TreeSet<>(find(new SessionQuery.InSlots(slots)));
    all.addAll(way.other().source().find(new SessionQuery.InSlots(slots)));
    return all;
  }

  private boolean stays(String session) {
    return kept.containsKey(session);
  }

  private Cut named(List<String> sessions) {
    List<String> moving =
        sessions.stream()
            .distinct()
            .filter(session -> owners.ownerOf(session) != way.to())
            .filter(session -> !stays(session))
            .toList();
    List<Slice> slices = new ArrayList<>();
    Set<String> some = new TreeSet<>();
    Load load = new Load(MOST_NAMED);
    for (String session : moving) {
      if (load.isExceededBy(Set.of(session))) {
        slices.add(new Slice(Set.of(), some, Set.of()));
        some = new TreeSet<>();
        load = new Load(MOST_NAMED);
      }
      some.add(session);
      load.add(Set.of(session));
    }
    if (!some.isEmpty()) {
      slices.add(new Slice(Set.of(), some, Set.of()));
    }
    Map<String, String> left = new HashMap<>(kept);
    left.keySet().retainAll(Set.copyOf(sessions));
    return new Cut(slices, moving.size(), left);
  }
}
