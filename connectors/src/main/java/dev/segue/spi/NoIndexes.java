package dev.segue.spi;

import dev.segue.canonical.Kind;
import java.util.List;
import java.util.Set;

/**
 * Those of a system that has none.
 *
 * @param systems what such systems are called, for messages: "files"
 */
public record NoIndexes(String systems) implements DeferredIndexes {
  @Override
  public List<Index> candidates(Set<Kind> kinds, Set<Kind> keys) {
    return List.of();
  }

  @Override
  public List<Index> takeAway(Set<Kind> kinds, Set<Kind> keys) {
    return List.of();
  }

  @Override
  public List<Index> missing() {
    return List.of();
  }

  @Override
  public void prepare(Index index) {
    build(index);
  }

  @Override
  public void build(Index index) {
    throw SystemFault.permanent(systems + " have no " + index, "nothing is to be built");
  }
}
