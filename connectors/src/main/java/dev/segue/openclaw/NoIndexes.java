package dev.segue.openclaw;

import dev.segue.canonical.Kind;
import dev.segue.spi.DeferredIndexes;
import dev.segue.spi.SystemFault;
import java.util.List;
import java.util.Set;

/** Files have none. */
final class NoIndexes implements DeferredIndexes {
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
    throw SystemFault.permanent("files have no index " + name, "nothing is to be built");
  }
}
