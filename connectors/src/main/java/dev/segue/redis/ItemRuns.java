package dev.segue.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Messages that are several elements of a list, which stand one behind the other. */
final class ItemRuns {
  private final Map<String, List<String>> byFirst = new LinkedHashMap<>();
  private final Set<String> further = new HashSet<>();

  /** Takes the elements of a message, in their order; a message of one has no run any more. */
  void put(List<String> ids) {
    List<String> former =
        ids.size() > 1 ? byFirst.put(ids.get(0), ids) : byFirst.remove(ids.get(0));
    if (former != null) {
      rest(former).forEach(further::remove);
    }
    further.addAll(rest(ids));
  }

  private static List<String> rest(List<String> ids) {
    return ids.subList(1, ids.size());
  }

  boolean isEmpty() {
    return byFirst.isEmpty();
  }

  void clear() {
    byFirst.clear();
    further.clear();
  }

  /**
   * These elements, each run where its first element stands. What lost its message stays, behind
   * all others.
   */
  List<String> arrange(Collection<String> ids) {
    Set<String> there = new HashSet<>(ids);
    Set<String> arranged = new LinkedHashSet<>();
    for (String id : ids) {
      if (!further.contains(id)) {
        byFirst.getOrDefault(id, List.of(id)).stream()
            .filter(there::contains)
            .forEach(arranged::add);
      }
    }
    arranged.addAll(ids);
    return new ArrayList<>(arranged);
  }
}
