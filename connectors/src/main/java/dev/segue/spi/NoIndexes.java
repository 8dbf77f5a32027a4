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
  public List<String> candidates(Set<Kind> kinds) {
    return List.of();
  }

  @Override
  public List<String> takeAway(Set<Kind> kinds) {
    return List.of();
  }

  @Override
  public List<String> missing() {
    return List.of();
  }

  @Override
  public void build(String name) {
    throw SystemFault.permanent(systems + " have no index " + name, "nothing is to be built");
  }
}
