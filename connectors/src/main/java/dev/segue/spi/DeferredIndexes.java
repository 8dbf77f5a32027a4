package dev.segue.spi;

import dev.segue.canonical.Kind;
import java.util.List;
import java.util.Set;

/**
 * Indexes of a target that are taken away while history is copied, for they are built faster behind
 * the rows than along with them. The ledger remembers them before they are gone. All methods throw
 * {@link SystemFault} when the system fails or refuses.
 */
public interface DeferredIndexes {
  /** Those of some tables that could be taken away, by name; none of a table that has rows. */
  List<String> candidates(Set<Kind> kinds);

  /**
   * Takes them away, unless somebody uses the table just now.
   *
   * @return the names of those that are gone
   */
  List<String> takeAway(Set<Kind> kinds);

  /** Those that were taken away and are not built yet, by name. */
  List<String> missing();

  /**
   * Builds one, if nothing of that name is there.
   *
   * @throws SystemFault of a permanent nature if the rows do not fit into it
   */
  void build(String name);
}
